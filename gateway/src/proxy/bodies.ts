import type { Readable } from 'node:stream'

/** The body is larger than the operation accepts. */
export class BodyTooLargeError extends Error {
  override readonly name = 'BodyTooLargeError'
}

/**
 * Returns `true` if `content-length` shows that a body is too large. Node.js has already rejected malformed lengths.
 */
export function isDeclaredTooLarge (contentLength: string | undefined, limit: number): boolean {
  return Number(contentLength) > limit
}

/**
 * Reads a whole body, so that a slow client does not occupy a connection to a service. Throws `BodyTooLargeError` as
 * soon as more than `limit` bytes have arrived and leaves the rest unread. Throws Node's error if the client closes the
 * connection before the end.
 */
export async function readBody (body: Readable, limit: number): Promise<Buffer> {
  return await new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let bytes = 0
    function onData (chunk: Buffer): void {
      bytes += chunk.length
      chunks.push(chunk)
      if (bytes <= limit) return
      body.off('data', onData).pause()
      reject(new BodyTooLargeError())
    }
    body.on('data', onData)
    body.on('end', () => { resolve(Buffer.concat(chunks)) })
    body.on('error', reject)
  })
}
