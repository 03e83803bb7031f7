import { Transform, type Readable } from 'node:stream'

/** The body is larger than the operation takes. Its own class, to be found again behind the proxy's errors. */
export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge'
}

export const tooLarge = [413, 'BODY_TOO_LARGE', 'The body is larger than this operation takes'] as const

/** Whether `content-length` alone tells that a body is too large. What is no number was refused before it got here. */
export function declaresTooMuch (contentLength: string | undefined, limit: number): boolean {
  return Number(contentLength) > limit
}

/** The same body, cut off with an error as soon as more than `limit` bytes have passed. */
export function counted (body: Readable, limit: number): Readable {
  let bytes = 0
  const counter = new Transform({
    transform (chunk: Buffer, _encoding, done) {
      bytes += chunk.length
      done(bytes > limit ? new BodyTooLarge() : null, chunk)
    }
  })
  body.on('error', error => { counter.destroy(error) })
  return body.pipe(counter)
}
