import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import Fastify from 'fastify'
import { defaultBodyLimit } from '../../contracts/route.ts'
import type { DomainError } from '../../errors.ts'
import { addClientAddress } from '../client-address/client-address.ts'
import { respondToClientError, refuseExpectations } from '../hardening/client-errors.ts'
import { createMethodTable } from '../hardening/method-table.ts'
import { addNotFoundHandler } from '../hardening/not-found.ts'
import { safetyHeaders } from '../hardening/safety-headers.ts'
import { limitUnreadBodies, limitUnreadBody } from '../hardening/unread-body.ts'
import { lazily } from '../observability/lazy-logger.ts'
import { logOutput } from '../observability/log-output.ts'
import { loggerOptions } from '../observability/logger-options.ts'
import { addMetrics } from '../observability/metrics.ts'
import { addRequestLog } from '../observability/request-log.ts'
import { addTraceContext } from '../observability/trace-context.ts'
import { createErrorHandler } from '../problem/error-handler.ts'
import type { Server } from '../server-type.ts'
import { validatorCompiler } from '../validation/validator.ts'
import { addGracefulShutdown } from './graceful-shutdown.ts'
import { handshakeTimeout, protocolOptions, type TlsOptions } from './protocol-options.ts'
import { serializerCompiler } from './serializer.ts'

export interface ServerOptions {
  /** Part of every log line. */
  readonly name: string
  readonly logLevel: string
  /** Turns an error of this server's libraries into a refusal. Returns `undefined` for a bug. */
  readonly translateError?: (error: unknown) => DomainError | undefined
  /** Whether `x-request-id` of the request is used. The gateway creates the ids, the services accept them. */
  readonly acceptRequestId: boolean
  /** Addresses, separated by commas, whose `X-Forwarded-For` is trusted. Absent: none. */
  readonly trustProxy?: string | undefined
  /** Absent: plain HTTP. */
  readonly tls?: TlsOptions | undefined
}

/** The maximum size of the headers, in bytes. A service also accepts the headers that the gateway adds. */
const maxHeaderSize = { gateway: 8192, service: 16_384 }

const requestIdPattern = /^[0-9a-f-]{36}$/

/**
 * Creates the HTTP server of the gateway and of both services: errors are problem documents, every response has a
 * request id, slow clients time out, and each request is logged in one line.
 */
export function createServer (options: ServerOptions): Server {
  const { name, logLevel, translateError = () => undefined, acceptRequestId, trustProxy, tls } = options
  const handleError = createErrorHandler(translateError)
  const safety = safetyHeaders(tls !== undefined)
  const http = { ...protocolOptions, maxHeaderSize: acceptRequestId ? maxHeaderSize.service : maxHeaderSize.gateway }

  const app: Server = Fastify({
    logger: { ...loggerOptions(name, logLevel), stream: logOutput },
    // The request log writes one line per request instead.
    logController: new Fastify.LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    childLoggerFactory: (logger, bindings, childOptions) => lazily(() => logger.child(bindings, childOptions)),
    requestIdHeader: false,
    genReqId: acceptRequestId ? readRequestId : () => randomUUID(),
    trustProxy: trustProxy ?? false,
    // A path that supports GET supports HEAD (RFC 9110, 9.3.2).
    exposeHeadRoutes: true,
    bodyLimit: defaultBodyLimit,
    requestTimeout: protocolOptions.requestTimeout,
    // Longer than the gateway's pool keeps a connection, so that the gateway never uses one that is being closed.
    keepAliveTimeout: 72_000,
    forceCloseConnections: 'idle',
    // During a shutdown, requests on open connections are still processed.
    return503OnClosing: false,
    ...(tls === undefined ? { http } : { https: { handshakeTimeout, ...http, ...tls } as unknown as null }),
    routerOptions: { maxParamLength: 200, ignoreTrailingSlash: false, caseSensitive: true },
    // No hook runs before these two handlers.
    frameworkErrors: (error, request, reply) => {
      limitUnreadBody(request.raw)
      handleError(error, request, reply.headers(safety).header('x-request-id', request.id))
    },
    clientErrorHandler: (error, socket) => { respondToClientError(error, socket, { methods, safety }) }
  }).withTypeProvider<TypeBoxTypeProvider>()

  app.setValidatorCompiler(validatorCompiler as Parameters<typeof app.setValidatorCompiler>[0])
  app.setSerializerCompiler(serializerCompiler as Parameters<typeof app.setSerializerCompiler>[0])
  app.setErrorHandler(handleError)
  const methods = createMethodTable(app)
  addNotFoundHandler(app, methods)

  app.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', request.id)
    done()
  })
  app.decorateRequest('caller', null)
  addClientAddress(app, trustProxy)
  addTraceContext(app)
  addRequestLog(app, name, logLevel)
  addMetrics(app, name)
  limitUnreadBodies(app)
  addGracefulShutdown(app, tls !== undefined)
  refuseExpectations(app, safety)
  return app
}

function readRequestId ({ headers }: IncomingMessage): string {
  const id = headers['x-request-id']
  return typeof id === 'string' && requestIdPattern.test(id) ? id : randomUUID()
}
