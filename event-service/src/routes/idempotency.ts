import { callerOf } from '@laurel/shared/tokens'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { fingerprint } from '../domain/canonical-json.ts'
import type { Creation } from '../stores/events.ts'

/** Returns the caller's `Idempotency-Key` for this URL, or `undefined` without a key. */
export function idempotencyKeyOf (request: FastifyRequest): string | undefined {
  const key = request.headers['idempotency-key']
  return typeof key === 'string' ? `${callerOf(request).id} ${request.url} ${key}` : undefined
}

/** Returns the key and a fingerprint of the body of a request that creates an object, or `undefined` without a key. */
export function creationOf (request: FastifyRequest): Creation | undefined {
  const key = idempotencyKeyOf(request)
  return key === undefined ? undefined : { key, fingerprint: fingerprint(request.body) }
}

/** Sets the header `Idempotent-Replayed` if this response replays an earlier success. */
export function markReplay<R extends FastifyReply> (reply: R, replayed: boolean): R {
  if (replayed) void reply.header('idempotent-replayed', 'true')
  return reply
}
