import { idPattern } from '@laurel/shared/contracts'
import type { CsvFile } from './csv-files.ts'
import { readTable, withoutApostrophe, type TableLine } from './csv-table.ts'

/** A line of a list of grants, or the reason why it is invalid. */
export interface GrantLine {
  /** The line number in the file, starting at 1. Absent if the list is not a file. */
  readonly line?: number
  readonly userId?: string
  readonly period?: string
  readonly problem?: string
}

export interface GrantFile {
  /** The number of lines, excluding the header and blank lines. */
  readonly count: number
  /** Yields the lines in chunks of at most this size. */
  readonly chunks: (size: number) => Iterable<readonly GrantLine[]>
}

const columns = {
  required: ['userId'],
  isKnown: (name: string) => name === 'userId' || name === 'period',
  sentence: 'The first line must name the columns: userId, or userId,period.'
}

/** Reads a list of grants with the columns `userId` and optionally `period`. Throws `INVALID_CSV` like `readTable`. */
export function readGrantFile (file: CsvFile): GrantFile {
  const { count, chunks } = readTable(file, columns)
  return {
    count,
    * chunks (size) {
      for (const lines of chunks(size)) yield lines.map(readGrant)
    }
  }
}

function readGrant ({ line, cells, problem }: TableLine): GrantLine {
  if (cells === undefined) return { line, problem }
  const userId = withoutApostrophe(cells.get('userId') as string)
  if (!idPattern.test(userId)) return { line, problem: `Line ${line} has no valid userId.` }
  const period = withoutApostrophe(cells.get('period') ?? '')
  return { line, userId, ...(period === '' ? {} : { period }) }
}
