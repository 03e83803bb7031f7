import type { Readable } from 'node:stream'

/** The body is larger than the operation takes. */
export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge'
}

export const tooLarge = [413, 'BODY_TOO_LARGE', 'The body is larger than this operation takes'] as const

/** Whether `content-length` alone tells that a body is too large. What is no number was refused before it got here. */
export function declaresTooMuch (contentLength: string | undefined, limit: number): boolean {
  return Number(contentLength) > limit
}

/**
 * The whole body, so that a client that sends slowly holds no connection to a service.
 * @throws {BodyTooLarge} as soon as more than `limit` bytes have come; the rest is left unread · what Node says where the client leaves in the middle of it.
 */
export async function takeIn (body: Readable, limit: number): Promise<Buffer> {
  return await new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let bytes = 0
    function take (chunk: Buffer): void {
      bytes += chunk.length
      chunks.push(chunk)
      if (bytes <= limit) return
      body.off('data', take).pause()
      reject(new BodyTooLarge())
    }
    body.on('data', take)
    body.on('end', () => { resolve(Buffer.concat(chunks)) })
    body.on('error', reject)
  })
}
