import type { FastifyReply } from 'fastify'

/** The body of several answers. It is serialized once. */
export interface SharedBody<T> {
  readonly body: T
  text?: string
}

/** Sends a body that other answers share. Fastify sends text unchanged, so its schema serializes the body here. */
export function sendShared<T> (reply: FastifyReply, shared: SharedBody<T>): T {
  shared.text ??= reply.serialize(shared.body) as string
  return reply.type('application/json; charset=utf-8').send(shared.text) as unknown as T
}
