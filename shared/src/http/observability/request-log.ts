import type { FastifyReply, FastifyRequest } from 'fastify'
import { pino } from 'pino'
import { pathOf } from '../hardening/paths.ts'
import type { Server } from '../server-type.ts'
import { logOutput } from './log-output.ts'
import { traceIdOf } from './trace-context.ts'

/** Operations that are polled every few seconds. They are logged at level `debug`. */
export const polledOperations = new Set<string | undefined>(['live', 'ready', 'jwks', 'metrics', 'listRevocations'])

/** Logs each request in one line after its response. */
export function addRequestLog (app: Server, name: string, level: string): void {
  // A logger without redaction: the fields below contain no secrets, and redaction costs a tenth of the gateway's time.
  const logger = pino({ name, level }, logOutput)
  app.decorateRequest('upstreamMs', null)
  app.decorateRequest('errorCode', null)
  app.addHook('onResponse', (request, reply, done) => {
    const isPolled = polledOperations.has(request.routeOptions.config.operationId)
    logger[isPolled ? 'debug' : 'info'](describe(request, reply), 'request')
    done()
  })
}

/** Route parameters that the log line contains. */
const loggedParams = ['eventId', 'claimId'] as const

/** The maximum length of a path in the log. */
const maxPathLength = 200

function describe (request: FastifyRequest, reply: FastifyReply): object {
  const { url: route = 'none' } = request.routeOptions
  return {
    requestId: request.id,
    method: request.method,
    route,
    // The query string is omitted, because it may contain search terms.
    ...(route === 'none' ? { path: pathOf(request.url).slice(0, maxPathLength) } : {}),
    status: reply.statusCode,
    ...(request.errorCode === null ? {} : { code: request.errorCode }),
    client: request.clientAddress,
    ...pickParams(request.params),
    ms: toTenths(reply.elapsedTime),
    ...(request.upstreamMs === null ? {} : { upstreamMs: toTenths(request.upstreamMs) }),
    ...(request.caller === null ? {} : { userId: request.caller.id }),
    traceId: traceIdOf(request.traceparent)
  }
}

function pickParams (params: unknown): object {
  const given = Object(params) as Readonly<Record<string, unknown>>
  return Object.fromEntries(loggedParams.filter(name => name in given).map(name => [name, given[name]]))
}

function toTenths (ms: number): number {
  return Math.round(ms * 10) / 10
}
