import { BSON, type Collection, type Document, type Filter, type WithId } from 'mongodb'
import { readCursor, writeCursor, type Position } from './cursor.ts'
import { createLimit } from './limit.ts'
import { isDate } from './rows.ts'

/** The query of a list, as its contract defines it. */
export interface ListQuery {
  readonly limit?: number
  readonly cursor?: string
  readonly order?: 'asc' | 'desc'
  /** What a cursor belongs to besides the list and its filters, such as the operation and the role of the caller. */
  readonly scope?: string
}

/** How long MongoDB may work on one page, in milliseconds. A filter that finds little may examine a whole index. */
const maxListTime = 2000
/** Lists of a process leave most of its connections to claims. */
const limitLists = createLimit({ concurrent: 10, maxWait: 1000 })

interface Listed extends Document {
  _id: string
}

export interface PageOf<T> {
  readonly data: T[]
  readonly nextCursor: string | null
}

type DateFilter = Readonly<Record<string, { $gte?: Date, $lt?: Date }>>

/** Returns the filter for dates in `[from, to)` in a field. Either end may be open. */
export function dateRange (field: string, from: Date | undefined, to: Date | undefined): DateFilter {
  if (from === undefined && to === undefined) return {}
  return { [field]: { ...(from && { $gte: from }), ...(to && { $lt: to }) } }
}

/** The bytes of rows in one page. A page ends early where its rows are larger; it always has one. */
const maxPageBytes = 1024 * 1024

function countThatFit (rows: readonly Document[]): number {
  let bytes = 0
  const tooLarge = rows.findIndex((row, index) => {
    bytes += BSON.calculateObjectSize(row)
    return index > 0 && bytes > maxPageBytes
  })
  return tooLarge === -1 ? rows.length : tooLarge
}

/**
 * Returns one page of a collection, ordered by a date in each row. A page starts after the last row of the previous
 * page, so new rows do not move it. Needs an index that starts with the fields of the filter and ends with the date
 * and `_id`.
 * Throws `VALIDATION_FAILED` for a cursor that was changed or belongs to another list.
 * @param list Identifies the list and its filters.
 * @param by The field with the date.
 */
export async function findPage<D extends Listed> (
  collection: Collection<D>, list: string, filter: Filter<D>, query: ListQuery, by = 'createdAt'
): Promise<PageOf<WithId<D>>> {
  const { limit = 20, cursor, order = 'desc', scope } = query
  const seal = JSON.stringify([list, order, scope])
  const after = cursor === undefined ? undefined : readCursor(cursor, seal)
  const rows = await findRows(collection, filter, { by, order, limit: limit + 1, after })
  const length = Math.min(limit, countThatFit(rows))
  // A row without a date is no position.
  const last = rows[length] === undefined ? undefined : rows.slice(0, length).findLast(row => isDate(row[by]))
  return {
    data: rows.slice(0, length),
    nextCursor: last === undefined ? null : writeCursor({ at: last[by], id: last._id }, seal)
  }
}

/**
 * Returns one page of the entries that rows contain. Every row of `collection` contains at least one, unless it cannot
 * be read.
 * Throws `VALIDATION_FAILED` for a cursor that was changed or belongs to another list.
 * @param list Identifies the list and its filters.
 * @param by The field with the date.
 * @param entriesOf Returns the entries of a row. Their number and order must never change.
 */
export async function findEntryPage<D extends Listed, E> (
  collection: Collection<D>, list: string, filter: Filter<D>, query: ListQuery, by: string,
  entriesOf: (row: WithId<D>) => readonly E[]
): Promise<PageOf<E>> {
  const { limit = 20, cursor, order = 'desc', scope } = query
  const seal = JSON.stringify([list, order, scope])
  const after = cursor === undefined ? undefined : readCursor(cursor, seal)
  const [, rowId = '', lastIndex = ''] = /^(.*)#(\d+)$/.exec(after?.id ?? '') ?? []
  const start = after === undefined ? undefined : { at: after.at, id: rowId }
  const rows = await findRows(collection, filter, { by, order, limit: limit + 2, after: start, inclusive: true })

  const entries = rows.flatMap(row => {
    const all = entriesOf(row).map((entry, index) => ({ entry, index, row }))
    const ordered = order === 'desc' ? all.reverse() : all
    if (row._id !== rowId) return ordered
    return ordered.filter(({ index }) => order === 'desc' ? index < Number(lastIndex) : index > Number(lastIndex))
  })
  const data = entries.slice(0, limit).map(({ entry }) => entry)
  const last = entries[limit] === undefined ? undefined : entries[limit - 1]
  if (last !== undefined) {
    return { data, nextCursor: writeCursor({ at: last.row[by], id: `${last.row._id}#${last.index}` }, seal) }
  }
  // Rows without entries may have filled the page: it goes on after the last row.
  const row = rows.length < limit + 2 ? undefined : rows.findLast(row => isDate(row[by]))
  const end = order === 'desc' ? 0 : Number.MAX_SAFE_INTEGER
  return { data, nextCursor: row === undefined ? null : writeCursor({ at: row[by], id: `${row._id}#${end}` }, seal) }
}

interface Range {
  readonly by: string
  readonly order: 'asc' | 'desc'
  readonly limit: number
  readonly after: Position | undefined
  /** Whether the row at the position is included. */
  readonly inclusive?: boolean
}

async function findRows<D extends Listed> (
  collection: Collection<D>, filter: Filter<D>, { by, order, limit, after, inclusive = false }: Range
): Promise<Array<WithId<D>>> {
  const [direction, beyond] = order === 'desc' ? [-1, '$lt'] as const : [1, '$gt'] as const
  const afterPosition = after === undefined
    ? {}
    : {
        [by]: { [`${beyond}e`]: after.at },
        $or: [{ [by]: { [beyond]: after.at } }, { _id: { [inclusive ? `${beyond}e` : beyond]: after.id } }]
      }
  return await limitLists(async () => await collection
    .find({ $and: [filter, afterPosition] } as Filter<D>, { maxTimeMS: maxListTime })
    .sort({ [by]: direction, _id: direction })
    .limit(limit)
    .toArray())
}
