import { createHash } from 'node:crypto'
import type { Collection, Document, Filter, WithId } from 'mongodb'
import { invalidField } from '../errors.ts'
import { bounded } from './connect.ts'

/** The query of a list as it comes from the contract. */
export interface ListQuery {
  readonly limit?: number
  readonly cursor?: string
  readonly order?: 'asc' | 'desc'
}

/** A place in a list. */
interface Position {
  readonly at: Date
  readonly id: string
}

interface Listed extends Document {
  _id: string
}

export interface PageOf<T> {
  readonly data: T[]
  readonly nextCursor: string | null
}

/** The part of a filter that keeps what lies in `[from, to)` by this field, where one of them is given. */
export function between (by: string, from: Date | undefined, to: Date | undefined): Record<string, { $gte?: Date, $lt?: Date }> {
  return from === undefined && to === undefined ? {} : { [by]: { ...(from && { $gte: from }), ...(to && { $lt: to }) } }
}

/**
 * One page of a collection, by an instant in each row; a page begins after the last entry of the one before, so rows that
 * come meanwhile move nothing. Needs an index that begins with the filter's fields and ends with that instant and `_id`.
 * @param by the field with the instant.
 * @param list names the list and its filters: a cursor of another list is refused.
 * @throws {DomainError} 400 for a cursor that was changed.
 */
export async function findPage<D extends Listed> (
  collection: Collection<D>, list: string, filter: Filter<D>, { limit = 20, cursor, order = 'desc' }: ListQuery, by = 'createdAt'
): Promise<PageOf<WithId<D>>> {
  const seal = JSON.stringify([list, order])
  const after = cursor === undefined ? undefined : readCursor(cursor, seal)
  const rows = await findRows(collection, filter, { by, order, limit: limit + 1, after })
  const next = rows[limit] === undefined ? undefined : rows[limit - 1]
  return {
    data: rows.slice(0, limit),
    nextCursor: next === undefined ? null : writeCursor({ at: next[by], id: next._id }, seal)
  }
}

/**
 * One page of what rows are made of: every row of `collection` stands for one entry or more.
 * @param entriesOf the entries of a row, in their order; their number and order never change.
 * @throws {DomainError} 400 for a cursor that was changed.
 */
export async function findEntries<D extends Listed, E> (
  collection: Collection<D>, list: string, filter: Filter<D>, { limit = 20, cursor, order = 'desc' }: ListQuery, by: string, entriesOf: (row: WithId<D>) => readonly E[]
): Promise<PageOf<E>> {
  const seal = JSON.stringify([list, order])
  const after = cursor === undefined ? undefined : readCursor(cursor, seal)
  const [, rowId = '', place = ''] = /^(.*)#(\d+)$/.exec(after?.id ?? '') ?? []
  const rows = await findRows(collection, filter, { by, order, limit: limit + 2, after: after && { at: after.at, id: rowId }, withItself: true })
  const entries = rows.flatMap(row => {
    const own = entriesOf(row).map((entry, index) => ({ entry, index, row }))
    const ordered = order === 'desc' ? own.reverse() : own
    if (row._id !== rowId) return ordered
    return ordered.filter(({ index }) => order === 'desc' ? index < Number(place) : index > Number(place))
  })
  const last = entries[limit] === undefined ? undefined : entries[limit - 1]
  return {
    data: entries.slice(0, limit).map(({ entry }) => entry),
    nextCursor: last === undefined ? null : writeCursor({ at: last.row[by], id: `${last.row._id}#${last.index}` }, seal)
  }
}

interface Walk {
  readonly by: string
  readonly order: 'asc' | 'desc'
  readonly limit: number
  readonly after: Position | undefined
  /** Also the row at the position. */
  readonly withItself?: boolean
}

async function findRows<D extends Listed> (collection: Collection<D>, filter: Filter<D>, { by, order, limit, after, withItself = false }: Walk): Promise<Array<WithId<D>>> {
  const [direction, beyond] = order === 'desc' ? [-1, '$lt'] as const : [1, '$gt'] as const
  const place = after === undefined
    ? {}
    : {
        [by]: { [`${beyond}e`]: after.at },
        $or: [{ [by]: { [beyond]: after.at } }, { _id: { [withItself ? `${beyond}e` : beyond]: after.id } }]
      }
  return await collection
    .find({ $and: [filter, place] } as Filter<D>, bounded)
    .sort({ [by]: direction, _id: direction })
    .limit(limit)
    .toArray()
}

// The sum shows a cursor that was changed or belongs to another list. It keeps no secret: a cursor only names a
// place in a list that its owner may read anyway.
function checksum (text: string, seal: string): string {
  return createHash('sha256').update(`${seal}\n${text}`).digest('base64url').slice(0, 12)
}

function writeCursor ({ at, id }: Position, seal: string): string {
  const text = `${at.getTime()}.${id}`
  return Buffer.from(`${checksum(text, seal)}.${text}`).toString('base64url')
}

function readCursor (cursor: string, seal: string): Position {
  const bytes = Buffer.from(cursor, 'base64url')
  const [sum, time, ...id] = bytes.toString().split('.')
  const text = `${time}.${id.join('.')}`
  if (bytes.toString('base64url') !== cursor || sum !== checksum(text, seal)) {
    throw invalidField('/cursor', 'is not a cursor of this list')
  }
  return { at: new Date(Number(time)), id: id.join('.') }
}
