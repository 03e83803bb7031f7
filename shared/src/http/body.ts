import type { FastifyRequest } from 'fastify'
import { DomainError } from '../errors.ts'
import type { Server } from './create-server.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true })

type Done = (error: Error | null, body?: unknown) => void

/**
 * JSON (RFC 8259): UTF-8 and nothing else. An empty body is no body, also with a content type.
 * `__proto__` and `constructor.prototype` are refused by Fastify's own parser.
 */
export function readJson (app: Server) {
  const parse = app.getDefaultJsonParser('error', 'error') as (request: FastifyRequest, text: string, done: Done) => void
  return function parseBody (request: FastifyRequest, bytes: Buffer, done: Done): void {
    if (bytes.length === 0) {
      done(null, undefined)
      return
    }
    let text: string
    try {
      text = utf8.decode(bytes)
    } catch {
      done(new DomainError('invalid', 'INVALID_JSON', 'The body is not valid UTF-8'))
      return
    }
    parse(request, text, done)
  }
}
