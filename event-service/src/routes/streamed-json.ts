import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'

/**
 * Streams a JSON object with a long array. Each chunk of the array is sent as soon as it is known.
 * @param property the name of the array.
 * @param others returns the other properties. It is called after the last chunk.
 */
export function sendChunks (
  reply: FastifyReply,
  property: string,
  chunks: AsyncIterable<readonly unknown[]>,
  others: () => object = () => ({})
): FastifyReply {
  async function * body (): AsyncGenerator<string> {
    let separator = ''
    yield `{"${property}":[`
    for await (const items of chunks) {
      if (items.length === 0) continue
      yield `${separator}${JSON.stringify(items).slice(1, -1)}`
      separator = ','
    }
    const rest = JSON.stringify(others()).slice(1)
    yield rest === '}' ? ']}' : `],${rest}`
  }
  return reply.type('application/json; charset=utf-8').send(Readable.from(body(), { objectMode: false }))
}
