import type { Collection, Document, Filter, WithId } from 'mongodb'
import { timeLimit } from './connect.ts'
import { readCursor, writeCursor, type Position } from './cursor.ts'

/** The query of a list, as its contract defines it. */
export interface ListQuery {
  readonly limit?: number
  readonly cursor?: string
  readonly order?: 'asc' | 'desc'
}

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
  const { limit = 20, cursor, order = 'desc' } = query
  const seal = JSON.stringify([list, order])
  const after = cursor === undefined ? undefined : readCursor(cursor, seal)
  const rows = await findRows(collection, filter, { by, order, limit: limit + 1, after })
  const last = rows[limit] === undefined ? undefined : rows[limit - 1]
  return {
    data: rows.slice(0, limit),
    nextCursor: last === undefined ? null : writeCursor({ at: last[by], id: last._id }, seal)
  }
}

/**
 * Returns one page of the entries that rows contain. Every row of `collection` contains at least one.
 * Throws `VALIDATION_FAILED` for a cursor that was changed or belongs to another list.
 * @param list Identifies the list and its filters.
 * @param by The field with the date.
 * @param entriesOf Returns the entries of a row. Their number and order must never change.
 */
export async function findEntryPage<D extends Listed, E> (
  collection: Collection<D>, list: string, filter: Filter<D>, query: ListQuery, by: string,
  entriesOf: (row: WithId<D>) => readonly E[]
): Promise<PageOf<E>> {
  const { limit = 20, cursor, order = 'desc' } = query
  const seal = JSON.stringify([list, order])
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
  const last = entries[limit] === undefined ? undefined : entries[limit - 1]
  return {
    data: entries.slice(0, limit).map(({ entry }) => entry),
    nextCursor: last === undefined
      ? null
      : writeCursor({ at: last.row[by], id: `${last.row._id}#${last.index}` }, seal)
  }
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
  return await collection
    .find({ $and: [filter, afterPosition] } as Filter<D>, timeLimit)
    .sort({ [by]: direction, _id: direction })
    .limit(limit)
    .toArray()
}
