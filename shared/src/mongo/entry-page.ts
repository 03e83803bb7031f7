import type { Collection, Filter, WithId } from 'mongodb'
import { readCursor, writeCursor, type Position } from './cursor.ts'
import { findRows, type Listed, type ListQuery, type PageOf } from './page.ts'
import { isDate } from './rows.ts'

/** A source of the entries of a list. Each row that matches contains at least one entry, unless it cannot be read. */
export interface EntrySource<D extends Listed, E> {
  readonly filter: Filter<D>
  /** The field with the date of the entries. */
  readonly by: string
  /** Returns the entries of a row, fewer than 1,000. Their number and order must never change. */
  readonly entriesOf: (row: WithId<D>) => readonly E[]
}

/** The position of an entry: its date, then its row, then its index in the row. */
interface EntryPosition extends Position {
  readonly index: number
}

/** A row can contain entries of several sources. Entries of an earlier source come first. */
const entriesPerSource = 1000

/**
 * Returns one page of the entries of rows, ordered by date. A page starts after the last entry of the previous page, so
 * new entries do not shift it. Needs an index per source that starts with the fields of its filter and ends with its
 * date and `_id`. Throws `VALIDATION_FAILED` if the cursor is malformed.
 */
export async function findEntryPage<D extends Listed, E> (
  collection: Collection<D>, sources: ReadonlyArray<EntrySource<D, E>>, query: ListQuery
): Promise<PageOf<E>> {
  const { limit = 20, cursor, order = 'desc' } = query
  const start = cursor === undefined ? undefined : readEntryPosition(cursor)
  const inOrder = (a: EntryPosition, b: EntryPosition): number => order === 'desc' ? compare(b, a) : compare(a, b)

  const read = await Promise.all(sources.map(async ({ filter, by, entriesOf }, source) => {
    const rows = await findRows(collection, filter, { by, order, after: start, inclusive: true }, limit + 2)
    const entries = rows.flatMap(row => entriesOf(row).map((entry, index) => {
      return { entry, at: row[by], id: row._id, index: source * entriesPerSource + index }
    }))
    const last = rows.length < limit + 2 ? undefined : rows.findLast(row => isDate(row[by]))
    // The source may have more rows after this position.
    const end = last === undefined
      ? []
      : [{ at: last[by], id: last._id, index: order === 'desc' ? 0 : Number.MAX_SAFE_INTEGER }]
    return { entries, end }
  }))
  const [end] = read.flatMap(({ end }) => end).sort(inOrder)
  const entries = read
    .flatMap(({ entries }) => entries)
    .filter(entry => start === undefined || inOrder(entry, start) > 0)
    .filter(entry => end === undefined || inOrder(entry, end) <= 0)
    .sort(inOrder)
  // If rows without entries filled the page, the next page starts after the last row.
  const next = entries.length > limit ? entries[limit - 1] : end
  return {
    data: entries.slice(0, limit).map(({ entry }) => entry),
    nextCursor: next === undefined ? null : writeCursor({ at: next.at, id: `${next.id}#${next.index}` })
  }
}

function readEntryPosition (cursor: string): EntryPosition {
  const { at, id } = readCursor(cursor)
  const separator = id.lastIndexOf('#')
  return { at, id: id.slice(0, separator), index: Number(id.slice(separator + 1)) }
}

function compare (a: EntryPosition, b: EntryPosition): number {
  const time = a.at.getTime() - b.at.getTime()
  if (time !== 0) return time
  if (a.id !== b.id) return a.id < b.id ? -1 : 1
  return a.index - b.index
}
