import { callerOf } from '@laurel/shared/tokens'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { fingerprint } from '../domain/canonical-json.ts'
import type { Creation } from '../stores/events.ts'

/** Returns the caller's `Idempotency-Key` for this URL and a fingerprint of the body, or `undefined` without a key. */
export function creationOf (request: FastifyRequest): Creation | undefined {
  const key = request.headers['idempotency-key']
  if (typeof key !== 'string') return undefined
  return { key: `${callerOf(request).id} ${request.url} ${key}`, fingerprint: fingerprint(request.body) }
}

/** Sets the header `Idempotent-Replayed` if this response replays an earlier success. */
export function markReplay<R extends FastifyReply> (reply: R, replayed: boolean): R {
  if (replayed) void reply.header('idempotent-replayed', 'true')
  return reply
}
