import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, type RawReplyDefaultExpression, type RawRequestDefaultExpression, type RawServerDefault } from 'fastify'
import { defaultBodyLimit, type RouteConfig } from '../contracts/route.ts'
import type { DomainError } from '../errors.ts'
import { endConnections } from './ending.ts'
import { loggerOptions } from './logger.ts'
import { createMethodTable, isPlainPath } from './paths.ts'
import { createErrorHandler, problem, sendProblem } from './problem.ts'
import { validatorCompiler } from './validation.ts'

export type Server = FastifyInstance<RawServerDefault, RawRequestDefaultExpression, RawReplyDefaultExpression, FastifyBaseLogger, TypeBoxTypeProvider>

declare module 'fastify' {
  interface FastifyContextConfig extends Partial<RouteConfig> {}
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
}

/** What machines ask every few seconds would hide what people do: logged at level debug. */
const polled = new Set<string | undefined>(['live', 'ready', 'jwks'])

const requestIdPattern = /^[0-9a-f-]{36}$/

/**
 * The server that all three are: plain paths only, problem documents out, a request id on every answer, time limits on slow clients, one log line a request.
 */
export function createServer ({ name, logLevel, translate = () => undefined, takesRequestId, handlerTimeout = 0 }: ServerOptions): Server {
  const makeId = (request: IncomingMessage): string => {
    const given = request.headers['x-request-id']
    return takesRequestId && typeof given === 'string' && requestIdPattern.test(given) ? given : randomUUID()
  }
  const app: Server = Fastify({
    logger: loggerOptions(name, logLevel),
    // One line a request, ours, below.
    logController: new Fastify.LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    requestIdHeader: false,
    genReqId: makeId,
    trustProxy: false,
    exposeHeadRoutes: false,
    bodyLimit: defaultBodyLimit,
    requestTimeout: 15_000,
    handlerTimeout,
    // Longer than the gateway's pool keeps a connection, so that it never sends on one that is being closed.
    keepAliveTimeout: 72_000,
    forceCloseConnections: 'idle',
    // What still comes on an open connection while the server ends is answered like the rest.
    return503OnClosing: false,
    http: { headersTimeout: 10_000, connectionsCheckingInterval: 1000, maxHeaderSize: 8192 },
    routerOptions: { maxParamLength: 200, ignoreTrailingSlash: false, caseSensitive: true },
    // No hook runs for these.
    frameworkErrors: (error, request, reply) => { answerError(error, request, reply.header('x-request-id', request.id)) },
    clientErrorHandler: answerUnreadable
  }).withTypeProvider<TypeBoxTypeProvider>()
  const answerError = createErrorHandler(translate)

  app.setValidatorCompiler(validatorCompiler as Parameters<typeof app.setValidatorCompiler>[0])
  app.setErrorHandler(answerError)

  const methods = createMethodTable(app)
  app.setNotFoundHandler((request, reply) => {
    const allowed = methods.allowedAt(request.url)
    // A method that is allowed here comes back from a route that found no file.
    if (allowed.length === 0 || allowed.includes(request.method)) return sendProblem(reply, 404, 'NOT_FOUND', 'There is nothing at this address')
    return sendProblem(reply.header('allow', allowed.join(', ')), 405, 'METHOD_NOT_ALLOWED', `Here are allowed: ${allowed.join(', ')}`)
  })

  app.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', request.id)
    if (!isPlainPath(request.url)) sendProblem(reply, 404, 'NOT_FOUND', 'There is nothing at this address')
    else if (asksForWebSocket(request.headers)) sendProblem(reply, 400, 'UPGRADE_REFUSED', 'There is no WebSocket here')
    else done()
  })
  app.addHook('onResponse', (request, reply, done) => {
    const level = polled.has(request.routeOptions.config.operationId) ? 'debug' : 'info'
    request.log[level]({
      method: request.method,
      route: request.routeOptions.url ?? 'none',
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime * 10) / 10,
      ...(request.caller === null ? {} : { userId: request.caller.id })
    }, 'request')
    done()
  })
  app.decorateRequest('caller', null)
  endConnections(app)
  return app
}

// Node answers it like any other request, which some proxies take for a tunnel (RFC 9110, 7.8).
function asksForWebSocket ({ connection, upgrade }: IncomingMessage['headers']): boolean {
  return /\bupgrade\b/i.test(String(connection)) && /\bwebsocket\b/i.test(String(upgrade))
}

/** Answers what was not even HTTP. There is no request, so nothing but the socket to write to. */
function answerUnreadable (this: unknown, error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const [status, code, detail] = error.code === 'HPE_HEADER_OVERFLOW'
    ? [431, 'HEADERS_TOO_LARGE', 'The headers are larger than 8 kB'] as const
    : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? [408, 'REQUEST_TIMEOUT', 'The request did not arrive in time'] as const
      : [400, 'BAD_REQUEST', 'This is not a valid HTTP request'] as const
  const id = randomUUID()
  const body = JSON.stringify(problem(status, code, detail, id))
  socket.end(`HTTP/1.1 ${status} ${status === 431 ? 'Request Header Fields Too Large' : status === 408 ? 'Request Timeout' : 'Bad Request'}\r\n` +
    `content-type: application/problem+json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nx-request-id: ${id}\r\nconnection: close\r\n\r\n${body}`)
}
