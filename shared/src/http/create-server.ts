import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyReply, type FastifyRequest, type RawReplyDefaultExpression, type RawRequestDefaultExpression, type RawServerDefault } from 'fastify'
import { pino } from 'pino'
import { defaultBodyLimit, type RouteConfig } from '../contracts/route.ts'
import type { DomainError } from '../errors.ts'
import { endConnections } from './ending.ts'
import { lazily } from './lazy-logger.ts'
import { logOutput } from './log-output.ts'
import { loggerOptions } from './logger.ts'
import { addMetrics } from './metrics.ts'
import { createMethodTable } from './paths.ts'
import { createErrorHandler, sendProblem } from './problem.ts'
import { traceIdOf, traceOf } from './trace.ts'
import { answerUnreadable, refuseExpectations } from './unreadable.ts'
import { validatorCompiler } from './validation.ts'

export type Server = FastifyInstance<RawServerDefault, RawRequestDefaultExpression, RawReplyDefaultExpression, FastifyBaseLogger, TypeBoxTypeProvider>

declare module 'fastify' {
  interface FastifyContextConfig extends Partial<RouteConfig> {}
  interface FastifyInstance {
    /** 404, or 405 with `Allow` where the address has other methods. */
    answerNotFound: (request: FastifyRequest, reply: FastifyReply) => FastifyReply
  }
  interface FastifyRequest {
    /** W3C Trace Context: the client's where it sent a valid one, else ours. */
    traceparent: string
    /** Milliseconds that a service behind took to answer; null where none was asked. */
    upstreamMs: number | null
  }
}

export interface ServerOptions {
  /** Stands in every log line. */
  readonly name: string
  readonly logLevel: string
  /** What this server's libraries throw, as a refusal; undefined where it is a bug. */
  readonly translate?: (error: unknown) => DomainError | undefined
  /** The gateway makes the request ids; a service takes the one that it is handed. */
  readonly takesRequestId: boolean
  /** Milliseconds after which a handler that has not answered is answered for, with 503; absent: never. */
  readonly handlerTimeout?: number
  /** The addresses, separated by commas, whose `X-Forwarded-For` counts; absent: nobody's. */
  readonly trustProxy?: string | undefined
  /** PEM. Absent: plain HTTP. */
  readonly tls?: { readonly cert: Buffer, readonly key: Buffer } | undefined
}

/** What machines ask every few seconds would hide what people do: logged at level debug. */
const polled = new Set<string | undefined>(['live', 'ready', 'jwks', 'metrics', 'listRevocations'])

// Node's own answer to a request without `host` has no body; ours has.
const protocol = { headersTimeout: 10_000, connectionsCheckingInterval: 1000, requireHostHeader: false }
/** Bytes. A service takes what the gateway takes and what it adds. */
const maxHeaderSize = { gateway: 8192, service: 16_384 }

const requestIdPattern = /^[0-9a-f-]{36}$/

/**
 * The server that all three are: problem documents out, a request id on every answer, time limits on slow clients, one log line a request.
 */
export function createServer ({ name, logLevel, translate = () => undefined, takesRequestId, handlerTimeout = 0, trustProxy, tls }: ServerOptions): Server {
  const makeId = (request: IncomingMessage): string => {
    const given = request.headers['x-request-id']
    return takesRequestId && typeof given === 'string' && requestIdPattern.test(given) ? given : randomUUID()
  }
  const protocolLimits = { ...protocol, maxHeaderSize: takesRequestId ? maxHeaderSize.service : maxHeaderSize.gateway }
  const app: Server = Fastify({
    logger: { ...loggerOptions(name, logLevel), stream: logOutput },
    // One line a request, ours, below.
    logController: new Fastify.LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    childLoggerFactory: (logger, bindings, options) => lazily(() => logger.child(bindings, options)),
    requestIdHeader: false,
    genReqId: makeId,
    trustProxy: trustProxy ?? false,
    exposeHeadRoutes: false,
    bodyLimit: defaultBodyLimit,
    requestTimeout: 15_000,
    handlerTimeout,
    // Longer than the gateway's pool keeps a connection, so that it never sends on one that is being closed.
    keepAliveTimeout: 72_000,
    forceCloseConnections: 'idle',
    // What still comes on an open connection while the server ends is answered like the rest.
    return503OnClosing: false,
    ...(tls === undefined ? { http: protocolLimits } : { https: { ...protocolLimits, ...tls } as unknown as null }),
    routerOptions: { maxParamLength: 200, ignoreTrailingSlash: false, caseSensitive: true },
    // No hook runs for these.
    frameworkErrors: (error, request, reply) => { answerError(error, request, reply.header('x-request-id', request.id)) },
    clientErrorHandler: (error, socket) => { answerUnreadable(error, socket, methods) }
  }).withTypeProvider<TypeBoxTypeProvider>()
  const answerError = createErrorHandler(translate)

  app.setValidatorCompiler(validatorCompiler as Parameters<typeof app.setValidatorCompiler>[0])
  app.setErrorHandler(answerError)

  const methods = createMethodTable(app)
  app.decorate('answerNotFound', (request: FastifyRequest, reply: FastifyReply) => {
    const allowed = methods.allowedAt(request.url)
    // A method that is allowed here comes back from a route that found no file.
    if (allowed.length === 0 || allowed.includes(request.method)) return sendProblem(reply, 404, 'NOT_FOUND', 'There is nothing at this address')
    return sendProblem(reply.header('allow', allowed.join(', ')), 405, 'METHOD_NOT_ALLOWED', `Here are allowed: ${allowed.join(', ')}`)
  })
  app.setNotFoundHandler(app.answerNotFound)

  app.addHook('onRequest', (request, reply, done) => {
    request.traceparent = traceOf(request.headers['traceparent'], request.id)
    void reply.header('x-request-id', request.id)
    done()
  })
  // What it is made of is listed here, so there is nothing to hide, and looking for it would cost a tenth of the gateway's time.
  const lines = pino({ name, level: logLevel }, logOutput)
  app.addHook('onResponse', (request, reply, done) => {
    const level = polled.has(request.routeOptions.config.operationId) ? 'debug' : 'info'
    lines[level]({
      requestId: request.id,
      method: request.method,
      route: request.routeOptions.url ?? 'none',
      status: reply.statusCode,
      ms: tenths(reply.elapsedTime),
      ...(request.upstreamMs === null ? {} : { upstreamMs: tenths(request.upstreamMs) }),
      ...(request.caller === null ? {} : { userId: request.caller.id }),
      traceId: traceIdOf(request.traceparent)
    }, 'request')
    done()
  })
  app.decorateRequest('caller', null)
  app.decorateRequest('traceparent', '')
  app.decorateRequest('upstreamMs', null)
  addMetrics(app)
  endConnections(app, tls !== undefined)
  refuseExpectations(app)
  return app
}

function tenths (ms: number): number {
  return Math.round(ms * 10) / 10
}
