import { DomainError } from '@laurel/shared/errors'
import type { Server } from '@laurel/shared/http'
import { parse } from 'csv-parse/sync'

type Done = (error: Error | null, body?: unknown) => void

/** A line of a list of grants, or why it is none. */
export interface GrantLine {
  /** Its number in the file, counted from 1. */
  readonly line: number
  readonly userId?: string
  readonly period?: string
  readonly problem?: string
}

export interface GrantFile {
  /** How many lines it has, without the header and blank ones. */
  readonly count: number
  /** Reads its lines, at most this many at a time. */
  readonly chunks: (size: number) => Iterable<readonly GrantLine[]>
}

const maxLines = 10_000
const columns = ['userId', 'period']
const idPattern = /^[A-Za-z0-9_-]{1,128}$/
const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Accepts `text/csv` as a body that is text. */
export function acceptGrantFiles (app: Server): void {
  app.addContentTypeParser('text/csv', { parseAs: 'buffer' }, (_request: unknown, bytes: Buffer, done: Done) => {
    let text: string
    try {
      text = utf8.decode(bytes)
    } catch {
      done(invalidCsv('The body is not valid UTF-8.'))
      return
    }
    done(null, text)
  })
}

/**
 * Reads a list of grants with the columns `userId` and, if it likes, `period`, which its first line names.
 * A line that is not valid is returned with its problem. Throws `INVALID_CSV` for another header or number of lines.
 */
export function readGrantFile (text: string): GrantFile {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/).map((content, index) => ({ line: index + 1, content }))
  const [header, ...rest] = lines.filter(({ content }) => content.trim() !== '')
  const names = readCells(header?.content ?? '') ?? []
  const isKnown = names.every((name, index) => columns.includes(name) && names.indexOf(name) === index)
  if (!isKnown || !names.includes('userId')) {
    throw invalidCsv('The first line must name the columns: userId, or userId,period.')
  }
  if (rest.length === 0 || rest.length > maxLines) {
    throw invalidCsv('A list has 1 to 10,000 lines after its first line.')
  }
  return {
    count: rest.length,
    * chunks (size) {
      for (let from = 0; from < rest.length; from += size) {
        yield rest.slice(from, from + size).map(({ line, content }) => readLine(line, content, names))
      }
    }
  }
}

function readLine (line: number, content: string, names: readonly string[]): GrantLine {
  const cells = readCells(content)
  if (cells === undefined) return { line, problem: `Line ${line} is not CSV (RFC 4180).` }
  if (cells.length !== names.length) {
    return { line, problem: `Line ${line} has ${cells.length} cells; the first line has ${names.length}.` }
  }
  const userId = cells[names.indexOf('userId')] ?? ''
  if (!idPattern.test(userId)) return { line, problem: `Line ${line} has no valid userId.` }
  const period = cells[names.indexOf('period')] ?? ''
  return { line, userId, ...(period === '' ? {} : { period }) }
}

/** Returns the cells of a line, or `undefined` if it is not CSV. */
function readCells (line: string): string[] | undefined {
  try {
    const [cells = []] = parse(line, { trim: true }) as string[][]
    return cells
  } catch {
    return undefined
  }
}

function invalidCsv (detail: string): DomainError {
  return new DomainError('invalid', 'INVALID_CSV', detail)
}
