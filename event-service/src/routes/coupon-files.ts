import { couponCodePattern } from '@laurel/shared/contracts'
import type { Server } from '@laurel/shared/http'
import { parse as parseCsv } from 'csv-parse/sync'
import { acceptCsv, findMark, invalidCsv, splitLines, type CsvFile } from './csv-files.ts'

interface Line {
  readonly cells: readonly string[]
  readonly number: number
}

/** The first cell of a file that is a header and not a code. */
const headerWord = /^(?:(?:coupon|voucher|promo|gift)[ _-]?)?(?:codes?|coupons?|vouchers?|serials?|numbers?|id|name)$/i

/** Accepts `text/csv` with one coupon code per line as a body `{ codes }`. */
export function addCouponFiles (app: Server): void {
  acceptCsv(app, file => ({ codes: readCodes(file) }))
}

function readCodes ({ text, header }: CsvFile): string[] {
  const lines = readLines(text)
  const [first] = lines
  if (first !== undefined) checkFirstLine(first, header)
  return lines.slice(header === 'present' ? 1 : 0).map(readCode)
}

/** Returns the lines that are not blank. Trims cells and resolves quotes. */
function readLines (text: string): Line[] {
  for (const [index, line] of splitLines(text).entries()) {
    const problem = findMark(line, index + 1)
    if (problem !== undefined) throw invalidCsv(problem)
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
  if (!couponCodePattern.test(cell)) {
    throw invalidCsv(`Line ${number} is not a code of 1 to 100 printable ASCII characters without spaces.`)
  }
  return cell
}
