import type { FastifyRequest } from 'fastify'
import { DomainError } from '../../errors.ts'
import type { Server } from '../server-type.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true })

type Done = (error: Error | null, body?: unknown) => void
type ParseText = (request: FastifyRequest, text: string, done: Done) => void

/**
 * Returns a content type parser for JSON in UTF-8 (RFC 8259). An empty body counts as no body.
 * Fastify's own parser rejects `__proto__` and `constructor.prototype`.
 */
export function createJsonParser (app: Server) {
  const parse = app.getDefaultJsonParser('error', 'error') as ParseText
  return function parseBody (request: FastifyRequest, bytes: Buffer, done: Done): void {
    if (bytes.length === 0) {
      done(null, undefined)
      return
    }
    let text: string
    try {
      text = utf8.decode(bytes)
    } catch {
      done(new DomainError('invalid', 'INVALID_JSON', 'The body is not valid UTF-8.'))
      return
    }
    parse(request, text, done)
  }
}
