import { Transform, type Readable } from 'node:stream'
import { DomainError } from '@laurel/shared/errors'

/** The body is larger than the operation takes. Its own class, to be found again behind the proxy's errors. */
export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge'
}

export const tooLarge = [413, 'BODY_TOO_LARGE', 'The body is larger than this operation takes'] as const

/** Whether `content-length` alone tells that a body is too large. @throws {DomainError} 400 where it is no number. */
export function declaresTooMuch (contentLength: string | undefined, limit: number): boolean {
  if (contentLength === undefined) return false
  if (!/^\d{1,15}$/.test(contentLength)) throw new DomainError('invalid', 'INVALID_BODY', 'content-length must be a number')
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
