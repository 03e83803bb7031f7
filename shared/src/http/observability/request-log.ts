import type { FastifyReply, FastifyRequest } from 'fastify'
import { pino } from 'pino'
import type { Server } from '../server-type.ts'
import { logOutput } from './log-output.ts'
import { traceIdOf } from './trace-context.ts'

/** Operations that machines call every few seconds. They are logged at level `debug`. */
const polledOperations = new Set<string | undefined>(['live', 'ready', 'jwks', 'metrics', 'listRevocations'])

/** Logs each request in one line once it is answered. */
export function addRequestLog (app: Server, name: string, level: string): void {
  // A logger without redaction: the fields below contain no secrets, and redaction costs a tenth of the gateway's time.
  const logger = pino({ name, level }, logOutput)
  app.decorateRequest('upstreamMs', null)
  app.addHook('onResponse', (request, reply, done) => {
    const isPolled = polledOperations.has(request.routeOptions.config.operationId)
    logger[isPolled ? 'debug' : 'info'](describe(request, reply), 'request')
    done()
  })
}

function describe (request: FastifyRequest, reply: FastifyReply): object {
  return {
    requestId: request.id,
    method: request.method,
    route: request.routeOptions.url ?? 'none',
    status: reply.statusCode,
    ms: toTenths(reply.elapsedTime),
    ...(request.upstreamMs === null ? {} : { upstreamMs: toTenths(request.upstreamMs) }),
    ...(request.caller === null ? {} : { userId: request.caller.id }),
    traceId: traceIdOf(request.traceparent)
  }
}

function toTenths (ms: number): number {
  return Math.round(ms * 10) / 10
}
