import type { FastifyReply, FastifyRequest } from 'fastify'
import { callerOf } from '@laurel/shared/tokens'
import { fingerprint } from '../domain/id.ts'
import type { Creation } from '../stores/events.ts'

/** The caller's `Idempotency-Key` for this URL, with what the body was; undefined where none was sent. */
export function creationOf (request: FastifyRequest): Creation | undefined {
  const key = request.headers['idempotency-key']
  if (typeof key !== 'string') return undefined
  return { key: `${callerOf(request).id} ${request.url} ${key}`, fingerprint: fingerprint(request.body) }
}

/** Tells a client that this answer is the one it may have missed. */
export function noteReplay<R extends FastifyReply> (reply: R, replayed: boolean): R {
  if (replayed) void reply.header('idempotent-replayed', 'true')
  return reply
}
