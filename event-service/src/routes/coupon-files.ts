import { DomainError } from '@laurel/shared/errors'
import type { Server } from '@laurel/shared/http'
import { parse as parseCsv } from 'csv-parse/sync'
import { safeParse as parseContentType } from 'fast-content-type-parse'
import type { FastifyRequest } from 'fastify'

type Done = (error: Error | null, body?: unknown) => void

/** What the content type of a file says (RFC 4180, section 3). */
interface FileParameters {
  readonly charset?: string
  readonly header?: string
}

interface Line {
  readonly cells: readonly string[]
  readonly number: number
}

/** The byte order mark of UTF-16 with the high byte first. */
const bigEndianMark = Buffer.from([0xfe, 0xff])

const code = /^[\x21-\x7e]{1,100}$/
/** The first cell of a file that is a header and not a code. */
const headerWord = /^(?:(?:coupon|voucher|promo|gift)[ _-]?)?(?:codes?|coupons?|vouchers?|serials?|numbers?|id|name)$/i

/** Accepts `text/csv` with one coupon code per line as a body `{ codes }`. */
export function addCouponFiles (app: Server): void {
  app.addContentTypeParser('text/csv', { parseAs: 'buffer' }, (request: FastifyRequest, bytes: Buffer, done: Done) => {
    try {
      const { parameters } = parseContentType(request.headers['content-type'] ?? '')
      done(null, { codes: readCodes(bytes, parameters) })
    } catch (error) {
      done(error as Error)
    }
  })
}

function readCodes (bytes: Buffer, { charset, header }: FileParameters): string[] {
  if (header !== undefined && header !== 'present' && header !== 'absent') {
    throw invalidCsv('The header parameter must be present or absent.')
  }
  const lines = readLines(decode(bytes, charset))
  const [first] = lines
  if (first !== undefined) checkFirstLine(first, header)
  return lines.slice(header === 'present' ? 1 : 0).map(readCode)
}

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

/** Returns the lines that are not blank. Blanks around a cell are removed, quotes are resolved. */
function readLines (text: string): Line[] {
  // The CSV parser would remove it as a blank, but it shows that files were joined.
  const mark = text.indexOf('\uFEFF')
  if (mark !== -1) {
    throw invalidCsv(`Line ${text.slice(0, mark).split(/\r\n|\n|\r/).length} has a byte order mark. Remove it.`)
  }
  try {
    const records = parseCsv(text, {
      delimiter: [',', ';', '\t'],
      record_delimiter: ['\r\n', '\n', '\r'],
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
      info: true
    }) as unknown as Array<{ readonly record: string[], readonly info: { readonly lines: number } }>
    return records.map(({ record, info }) => ({ cells: record, number: info.lines }))
  } catch (error) {
    const { lines } = error as { readonly lines: number }
    throw invalidCsv(`Line ${lines} has a quote in the wrong place. ` +
      'Put a code that contains a quote in quotes, and double the quote (RFC 4180).')
  }
}

function checkFirstLine ({ cells: [first = ''], number }: Line, header: string | undefined): void {
  if (/^sep=/i.test(first)) throw invalidCsv(`Line ${number} is a setting of a spreadsheet and not a code. Remove it.`)
  if (header === undefined && headerWord.test(first)) {
    throw invalidCsv(`Line ${number} looks like a header. ` +
      'Send text/csv; header=present to skip it, or header=absent if it is a code.')
  }
}

function readCode ({ cells, number }: Line): string {
  const [cell = '', ...others] = cells
  if (others.length > 0) {
    throw invalidCsv(`Line ${number} has several columns. ` +
      'Send one code per line, and put a code that contains a comma or a semicolon in quotes.')
  }
  if (!code.test(cell)) {
    throw invalidCsv(`Line ${number} is not a code of 1 to 100 printable ASCII characters without spaces.`)
  }
  return cell
}

function invalidCsv (detail: string): DomainError {
  return new DomainError('invalid', 'INVALID_CSV', detail)
}
