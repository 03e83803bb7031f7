import type { RouteContract } from '@laurel/shared/contracts'
import { DomainError } from '@laurel/shared/errors'
import type { Server } from '@laurel/shared/http'
import { safeParse as parseContentType } from 'fast-content-type-parse'
import type { FastifyRequest } from 'fastify'

type Done = (error: Error | null, body?: unknown) => void

/** A body that was sent as `text/csv`. */
export class CsvFile {
  readonly text: string
  /** Whether the first line is a header, if the content type specifies it (RFC 4180, section 3). */
  readonly header: 'present' | 'absent' | undefined

  constructor (text: string, header: CsvFile['header']) {
    this.text = text
    this.header = header
  }
}

/**
 * Accepts `text/csv` in the charset of the content type, UTF-8 by default, with or without a byte order mark.
 * @param read turns the file into the body of the request. By default the body is the `CsvFile`.
 */
export function acceptCsv (app: Server, read: (file: CsvFile) => unknown = file => file): void {
  app.addContentTypeParser('text/csv', { parseAs: 'buffer' }, (request: FastifyRequest, bytes: Buffer, done: Done) => {
    try {
      const { parameters } = parseContentType(request.headers['content-type'] as string)
      const { charset, header } = parameters as FileParameters
      done(null, read(new CsvFile(decode(bytes, charset), checkHeader(header))))
    } catch (error) {
      done(error as Error)
    }
  })
}

/**
 * Returns the route of an operation that accepts JSON or, in a scope with `acceptCsv`, a `CsvFile`. JSON is validated.
 * Fastify chooses the schema by the content type. A request with neither content type would pass, so it gets a 400.
 */
export function jsonOrCsv<C extends RouteContract> (contract: C) {
  const { schema } = contract
  const content = { 'application/json': { schema: schema.body } }
  return { ...contract, schema: { ...schema, body: { content } }, preHandler: requireBody }
}

async function requireBody ({ headers }: FastifyRequest): Promise<void> {
  if (headers['content-type'] !== undefined) return
  const errors = [{ pointer: '', detail: 'is required' }]
  throw new DomainError('invalid', 'VALIDATION_FAILED', 'A body is required.', { errors })
}

export function invalidCsv (detail: string): DomainError {
  return new DomainError('invalid', 'INVALID_CSV', detail)
}

export function splitLines (text: string): string[] {
  return text.split(/\r\n|\n|\r/)
}

/**
 * Returns a sentence if a line contains a byte order mark, which shows that files were concatenated. The CSV parser
 * would trim it.
 */
export function findMark (content: string, line: number): string | undefined {
  return content.includes('\uFEFF') ? `Line ${line} has a byte order mark. Remove it.` : undefined
}

interface FileParameters {
  readonly charset?: string
  readonly header?: string
}

/** The byte order mark of big-endian UTF-16. */
const bigEndianMark = Buffer.from([0xfe, 0xff])

function decode (bytes: Buffer, charset: string | undefined): string {
  const isBigEndian = charset?.toLowerCase() === 'utf-16' && bytes.subarray(0, 2).equals(bigEndianMark)
  const label = isBigEndian ? 'utf-16be' : charset ?? 'utf-8'
  let decoder
  try {
    decoder = new TextDecoder(label, { fatal: true })
  } catch {
    throw invalidCsv(`The charset ${label} is not supported.`)
  }
  try {
    return decoder.decode(bytes)
  } catch {
    throw invalidCsv(`The body is not valid ${label}. Name its charset, as in text/csv; charset=utf-16.`)
  }
}

function checkHeader (header: string | undefined): CsvFile['header'] {
  if (header === undefined || header === 'present' || header === 'absent') return header
  throw invalidCsv('The header parameter must be present or absent.')
}
