import { NewActivity, type Scalar } from '@laurel/shared/contracts'
import { isExactNumber } from '@laurel/shared/exact-number'
import { readSchemaErrors, validatorCompiler } from '@laurel/shared/http'
import type { FastifySchemaValidationError } from 'fastify'
import type { CsvFile } from './csv-files.ts'
import { readTable, withoutApostrophe, type TableLine } from './csv-table.ts'

/** A line of a file of activities, or the reason why it is invalid. */
export interface ActivityLine {
  /** The line number in the file, starting at 1. */
  readonly line: number
  readonly activity?: NewActivity
  readonly problem?: string
}

export interface ActivityFile {
  /** The number of lines, excluding the header and blank lines. */
  readonly count: number
  /** Yields the lines in chunks of at most this size. */
  readonly chunks: (size: number) => Iterable<readonly ActivityLine[]>
}

const required = ['id', 'userId', 'type']
const plain = new Set([...required, 'occurredAt', 'value'])
/** A property of `data`; with `:string`, its cells are never numbers or booleans. */
const dataColumn = /^data\.([A-Za-z][A-Za-z0-9_]{0,63})(:string)?$/
/** A JSON number (RFC 8259, 6). */
const number = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

const columns = {
  required,
  isKnown: (name: string) => plain.has(name) || dataColumn.test(name),
  sentence: 'The first line must name the columns id, userId and type. ' +
    'It can also name occurredAt, value, data.NAME and data.NAME:string.'
}

type Validate = (value: unknown) => { readonly error?: readonly FastifySchemaValidationError[] }
const validate = validatorCompiler({
  schema: NewActivity, method: 'POST', url: '', httpPart: 'body'
}) as unknown as Validate

/** The value of a cell, or the reason why its column does not accept it. */
type CellValue = { readonly value: Scalar } | { readonly problem: string }

interface Cell {
  readonly column: string
  /** The property of `data`, if the column is one. */
  readonly name?: string | undefined
  readonly value?: Scalar
  readonly problem?: string
}

/** Reads a file of activities. Lines are checked like activities in JSON. Throws `INVALID_CSV` like `readTable`. */
export function readActivityFile (file: CsvFile): ActivityFile {
  const { count, chunks } = readTable(file, columns)
  return {
    count,
    * chunks (size) {
      for (const lines of chunks(size)) yield lines.map(readLine)
    }
  }
}

function readLine ({ line, cells, problem }: TableLine): ActivityLine {
  if (cells === undefined) return { line, problem }
  const filled = [...cells].filter(([, cell]) => cell !== '').map(toCell)
  const details = filled.flatMap(({ problem }) => problem ?? [])
  const data = filled.flatMap(({ name, value }) => name === undefined ? [] : [[name, value] as const])
  if (new Set(data.map(([name]) => name)).size < data.length) details.push('a property of data has two cells')
  if (details.length > 0) return { line, problem: `Line ${line}: ${details.join('; ')}.` }
  const activity = {
    ...Object.fromEntries(filled.flatMap(({ name, column, value }) => name === undefined ? [[column, value]] : [])),
    ...(data.length === 0 ? {} : { data: Object.fromEntries(data) })
  }
  const { error } = validate(activity)
  if (error === undefined) return { line, activity: activity as NewActivity }
  const wrong = readSchemaErrors(error).map(({ pointer, detail }) => `${columnOf(pointer)} ${detail}`)
  return { line, problem: `Line ${line}: ${wrong.join('; ')}.` }
}

function toCell ([column, cell]: [string, string]): Cell {
  if (column === 'id' || column === 'userId') return { column, value: withoutApostrophe(cell) }
  const [, name, isText] = dataColumn.exec(column) ?? []
  if (column === 'value') return { column, ...readNumber(column, cell) }
  return { column, name, ...(name === undefined || isText !== undefined ? { value: cell } : readScalar(column, cell)) }
}

function readScalar (column: string, cell: string): CellValue {
  // Spreadsheets write Booleans in upper case.
  if (/^(?:true|false)$/i.test(cell)) return { value: cell.toLowerCase() === 'true' }
  if (!number.test(cell)) return { value: cell }
  return readNumber(column, cell, `; name the column ${column}:string if it is text`)
}

function readNumber (column: string, cell: string, advice = ''): CellValue {
  if (!number.test(cell)) return { problem: `${column} must be a number such as 12.5` }
  if (!isExactNumber(cell)) return { problem: `${column} is a number that cannot be stored exactly${advice}` }
  return { value: Number(cell) }
}

/** Returns the column for a JSON Pointer to a property: `/data/level` is `data.level`. */
function columnOf (pointer: string): string {
  return pointer.slice(1).replaceAll('/', '.')
}
