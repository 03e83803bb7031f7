import type { FastifyReply } from 'fastify'

/** The body of several responses. It is serialized once. */
export interface SharedBody<T> {
  readonly body: T
  text?: string
}

/** Sends a shared body. Fastify sends strings unchanged, so the body is serialized here with its schema. */
export function sendShared<T> (reply: FastifyReply, shared: SharedBody<T>): T {
  shared.text ??= reply.serialize(shared.body) as string
  return reply.type('application/json; charset=utf-8').send(shared.text) as unknown as T
}
