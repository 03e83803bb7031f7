import type { FastifyReply } from 'fastify'

/** What several requests are answered with; it is made into text once. */
export interface SharedBody<T> {
  readonly body: T
  text?: string
}

export function sendShared<T> (reply: FastifyReply, shared: SharedBody<T>): T {
  shared.text ??= reply.serialize(shared.body) as string
  // Fastify sends a text as it is; this one was written by the schema of the body.
  return reply.type('application/json; charset=utf-8').send(shared.text) as unknown as T
}
