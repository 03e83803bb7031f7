import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'

/** Streams a JSON document that is created while it is sent. */
export function sendJson (reply: FastifyReply, parts: AsyncIterable<string>): FastifyReply {
  return reply.type('application/json; charset=utf-8').send(Readable.from(parts, { objectMode: false }))
}

/** Returns the items of an array as JSON without the brackets. */
export function itemsText (items: readonly unknown[]): string {
  return JSON.stringify(items).slice(1, -1)
}
