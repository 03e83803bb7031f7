import { parse } from 'csv-parse/sync'
import { findMark, invalidCsv, splitLines, type CsvFile } from './csv-files.ts'

/** A line of a table with its cells by column, or the reason why it cannot be read. */
export type TableLine = ReadLine | UnreadLine

interface ReadLine {
  /** The line number in the file, starting at 1. */
  readonly line: number
  readonly cells: ReadonlyMap<string, string>
  readonly problem?: undefined
}

interface UnreadLine {
  readonly line: number
  readonly cells?: undefined
  readonly problem: string
}

export interface CsvTable {
  /** The number of lines, excluding the header and blank lines. */
  readonly count: number
  /** Yields the lines in chunks of at most this size. */
  readonly chunks: (size: number) => Iterable<readonly TableLine[]>
}

/** Which columns a table may have. */
export interface TableColumns {
  readonly required: readonly string[]
  readonly isKnown: (name: string) => boolean
  /** A description of the required first line, for error messages. */
  readonly sentence: string
}

const maxLines = 10_000

/**
 * Reads a table. The first line names the columns, in any order, and each of the other lines is one row. A cell cannot
 * contain a line break, so an invalid line does not affect the next one. An invalid line is returned with its problem.
 * Throws `INVALID_CSV` for unknown columns, and for fewer than 1 or more than 10,000 lines.
 */
export function readTable ({ text, header }: CsvFile, { required, isKnown, sentence }: TableColumns): CsvTable {
  if (header === 'absent') throw invalidCsv(sentence)
  const lines = splitLines(text).map((content, index) => ({ line: index + 1, content }))
  const [first, ...rest] = lines.filter(({ content }) => content.trim() !== '')
  const names = readCells(first?.content ?? '') ?? []
  const areKnown = names.every((name, index) => isKnown(name) && names.indexOf(name) === index)
  if (!areKnown || !required.every(name => names.includes(name))) throw invalidCsv(sentence)
  if (rest.length === 0 || rest.length > maxLines) {
    throw invalidCsv('The file must have 1 to 10,000 lines after its first line.')
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

/** Returns a cell with an id or a period without the apostrophe that `exportClaims` writes before some of them. */
export function withoutApostrophe (cell: string): string {
  return cell.startsWith('\'') ? cell.slice(1) : cell
}

function readLine (line: number, content: string, names: readonly string[]): TableLine {
  const markProblem = findMark(content, line)
  if (markProblem !== undefined) return { line, problem: markProblem }
  if (content.includes('\0')) return { line, problem: `Line ${line} must not contain NUL.` }
  const cells = readCells(content)
  if (cells === undefined) return { line, problem: `Line ${line} is not CSV (RFC 4180).` }
  if (cells.length !== names.length) {
    return { line, problem: `Line ${line} has ${cells.length} cells; the first line has ${names.length}.` }
  }
  return { line, cells: new Map(names.map((name, index) => [name, cells[index] as string])) }
}

/** Returns the trimmed cells of a line, or `undefined` if the line is not valid CSV. */
function readCells (line: string): string[] | undefined {
  try {
    const [cells = []] = parse(line, { trim: true }) as string[][]
    return cells
  } catch {
    return undefined
  }
}
