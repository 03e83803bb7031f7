import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { parse } from 'node:path'
import { brotliDecompressSync } from 'node:zlib'
import type { Server } from '@laurel/shared/http'

const folder = new URL('../../assets/', import.meta.url)

/** A file that the pages under `/docs` load. */
export interface Asset {
  /** Contains a hash of the content, so that browsers can cache it forever. */
  readonly path: string
}

/** Serves a file of `gateway/assets`, compressed with Brotli if its name ends in `.br` and the client accepts that. */
export function addAsset (app: Server, file: string, type: string): Asset {
  const content = readFileSync(new URL(file, folder))
  const isCompressed = file.endsWith('.br')
  const { name, ext } = parse(isCompressed ? file.slice(0, -'.br'.length) : file)
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 16)
  const path = `/docs/${name}-${hash}${ext}`
  const headers = { 'content-type': type, 'cache-control': 'public, max-age=31536000, immutable' }
  let uncompressed: Buffer | undefined

  app.get(path, async (request, reply) => {
    void reply.headers(headers)
    if (!isCompressed) return await reply.send(content)
    void reply.header('vary', 'accept-encoding')
    if (acceptsBrotli(request.headers['accept-encoding'])) {
      return await reply.header('content-encoding', 'br').send(content)
    }
    uncompressed ??= brotliDecompressSync(content)
    return await reply.send(uncompressed)
  })
  return { path }
}

/** Returns whether `Accept-Encoding` (RFC 9110, 12.5.3) names Brotli and does not exclude it. */
function acceptsBrotli (header: string | string[] | undefined): boolean {
  return String(header).toLowerCase().split(',').some(coding => {
    const [name, ...parameters] = coding.split(';').map(part => part.trim())
    return name === 'br' && !parameters.some(parameter => /^q=0(\.0*)?$/.test(parameter))
  })
}
