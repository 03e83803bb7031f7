import { DomainError } from '@laurel/shared/errors'
import type { Server } from '@laurel/shared/http'

type Done = (error: Error | null, body?: unknown) => void

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Accepts `text/csv` with one coupon code a line as a body `{ codes }`. */
export function addCouponFiles (app: Server): void {
  app.addContentTypeParser('text/csv', { parseAs: 'buffer' }, (_request: unknown, bytes: Buffer, done: Done) => {
    try {
      done(null, { codes: readCodes(utf8.decode(bytes)) })
    } catch (error) {
      done(error instanceof DomainError ? error : invalidCsv('The body is not valid UTF-8.'))
    }
  })
}

/** Returns one code per line, as a spreadsheet saves them: with or without quotes, without blank lines. */
function readCodes (text: string): string[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/).map(line => line.trim())
  return lines.flatMap((line, index) => {
    if (line === '') return []
    const [, quoted, plain] = /^(?:"((?:[^"]|"")*)"|([^",]*))$/.exec(line) ?? []
    const code = quoted?.replaceAll('""', '"') ?? plain
    if (code === undefined) {
      throw invalidCsv(`Line ${index + 1} is not one code. Put a code with a comma or a quote in quotes (RFC 4180).`)
    }
    return [code]
  })
}

function invalidCsv (detail: string): DomainError {
  return new DomainError('invalid', 'INVALID_CSV', detail)
}
