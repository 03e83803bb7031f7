import type { FastifyRequest } from 'fastify'
import { DomainError, invalidField } from '../../errors.ts'
import { JsonViolationError, parseStrictJson } from '../../json/strict-json.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true })

type Done = (error: Error | null, body?: unknown) => void

/** Parses a body as strict JSON in UTF-8. An empty body counts as no body. */
export function parseJsonBody (_request: FastifyRequest, bytes: Buffer, done: Done): void {
  if (bytes.length === 0) {
    done(null, undefined)
    return
  }
  let body: unknown
  try {
    body = parseStrictJson(decode(bytes))
  } catch (error) {
    done(toRefusal(error))
    return
  }
  done(null, body)
}

function decode (bytes: Buffer): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw new DomainError('invalid', 'INVALID_JSON', 'The body is not valid UTF-8.')
  }
}

function toRefusal (error: unknown): DomainError {
  if (error instanceof DomainError) return error
  if (error instanceof JsonViolationError) return invalidField(error.pointer, error.detail)
  // The message of a syntax error quotes the body, so it is not repeated.
  return new DomainError('invalid', 'INVALID_JSON', 'The body is not valid JSON.')
}
