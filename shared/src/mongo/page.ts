import {
  BSON, type Collection, type Document, type Filter, type FindCursor, type FindOptions, type WithId
} from 'mongodb'
import { readCursor, writeCursor, type Position } from './cursor.ts'
import { isDate } from './documents.ts'
import { createLimit } from './limit.ts'

/** The query of a list, as its contract defines it. */
export interface ListQuery {
  readonly limit?: number
  readonly cursor?: string
  readonly order?: 'asc' | 'desc'
}

/** The time limit of MongoDB for one page, in milliseconds. A query with few matches may scan a whole index. */
const maxListTime = 2000
/** The limit on concurrent lists leaves most of the connections of a process to claims. */
const limitLists = createLimit({ concurrent: 10, maxWait: 1000 })

const directions = { desc: [-1, '$lt'], asc: [1, '$gt'] } as const

export interface Listed extends Document {
  _id: string
}

export interface PageOf<T> {
  readonly data: T[]
  readonly nextCursor: string | null
}

type DateFilter = Readonly<Record<string, { $gte?: Date, $lt?: Date }>>

/** Returns the filter for dates of a field in `[from, to)`. Both bounds are optional. */
export function dateRange (field: string, from: Date | undefined, to: Date | undefined): DateFilter {
  if (from === undefined && to === undefined) return {}
  return { [field]: { ...(from && { $gte: from }), ...(to && { $lt: to }) } }
}

/** The maximum size of the documents of a page, in bytes. A page ends early at this size, but is never empty. */
const maxPageBytes = 1024 * 1024

/** The documents of a page, and whether more documents follow. */
interface Documents<D extends Listed> {
  readonly data: Array<WithId<D>>
  readonly hasMore: boolean
}

/** Returns documents as BSON, so that their size is known before they are deserialized. */
const asBson = { raw: true, maxTimeMS: maxListTime } as const

/** Reads as many documents of a cursor with `asBson` as fit into a page. */
async function readPage<D extends Listed> (cursor: FindCursor<WithId<D>>, limit: number): Promise<Documents<D>> {
  const documents = await limitLists(async () => await cursor.limit(limit + 1).toArray()) as unknown as Uint8Array[]
  let bytes = 0
  const tooLarge = documents.findIndex(({ length }, index) => {
    bytes += length
    return index > 0 && bytes > maxPageBytes
  })
  const fitting = documents.slice(0, tooLarge === -1 ? limit : Math.min(limit, tooLarge))
  const data = fitting.map(document => BSON.deserialize(document) as WithId<D>)
  return { data, hasMore: fitting.length < documents.length }
}

/**
 * Returns one page of a collection, ordered by a date in each document. A page starts after the last document of the
 * previous page, so new documents do not shift it. Needs an index that starts with the fields of the filter and ends
 * with the date and `_id`. Throws `VALIDATION_FAILED` if the cursor is malformed.
 * @param by The field with the date.
 */
export async function findPage<D extends Listed> (
  collection: Collection<D>, filter: Filter<D>, query: ListQuery, by = 'createdAt'
): Promise<PageOf<WithId<D>>> {
  const { limit = 20, cursor, order = 'desc' } = query
  const after = cursor === undefined ? undefined : readCursor(cursor)
  const { data, hasMore } = await readPage(findRange(collection, filter, { by, order, after }, asBson), limit)
  // A document without a date cannot be a position.
  const last = hasMore ? data.findLast(document => isDate(document[by])) : undefined
  return { data, nextCursor: last === undefined ? null : writeCursor({ at: last[by], id: last._id }) }
}

/**
 * Returns one page of a collection, ordered by a rank and then by creation. Needs an index that starts with the fields
 * of the filter and ends with the rank, `createdAt` and `_id`.
 * Throws `VALIDATION_FAILED` if the cursor is malformed.
 * @param rank The field with the rank, an integer.
 */
export async function findRankedPage<D extends Listed> (
  collection: Collection<D>, filter: Filter<D>, query: ListQuery, rank: string
): Promise<PageOf<WithId<D>>> {
  const { limit = 20, cursor, order = 'asc' } = query
  const [direction, beyond] = directions[order]
  const after = cursor === undefined ? [{}] : afterRank(readCursor(cursor), rank, beyond)
  // Each alternative is a range of the index. MongoDB merges the ranges in order.
  const ranges = { $or: after.map(range => ({ $and: [filter, range] })) } as Filter<D>
  const found = collection.find(ranges, asBson).sort({ [rank]: direction, createdAt: direction, _id: direction })
  const { data, hasMore } = await readPage(found, limit)
  // A document without a rank or a date cannot be a position.
  const last = hasMore
    ? data.findLast(document => isDate(document['createdAt']) && Number.isInteger(document[rank]))
    : undefined
  return {
    data,
    nextCursor: last === undefined
      ? null
      : writeCursor({ at: last['createdAt'], id: `${String(last[rank])}.${last._id}` })
  }
}

/** Returns the filters for the documents after a position. The id of the position starts with its rank. */
function afterRank ({ at, id }: Position, rank: string, beyond: '$lt' | '$gt'): Document[] {
  const value = Number.parseInt(id)
  const documentId = id.slice(id.indexOf('.') + 1)
  return [
    { [rank]: { [beyond]: value } },
    { [rank]: value, createdAt: { [beyond]: at } },
    { [rank]: value, createdAt: at, _id: { [beyond]: documentId } }
  ]
}

interface Range {
  readonly by: string
  readonly order: 'asc' | 'desc'
  readonly after: Position | undefined
  /** Whether the result includes the document at the position. */
  readonly inclusive?: boolean
}

/** Returns at most `limit` documents, starting at a position, ordered by a date and `_id`. */
export async function findDocuments<D extends Listed> (
  collection: Collection<D>, filter: Filter<D>, range: Range, limit: number
): Promise<Array<WithId<D>>> {
  const found = findRange(collection, filter, range, { maxTimeMS: maxListTime })
  return await limitLists(async () => await found.limit(limit).toArray())
}

function findRange<D extends Listed> (
  collection: Collection<D>, filter: Filter<D>, { by, order, after, inclusive = false }: Range, options: FindOptions
): FindCursor<WithId<D>> {
  const [direction, beyond] = directions[order]
  const afterPosition = after === undefined
    ? {}
    : {
        [by]: { [`${beyond}e`]: after.at },
        $or: [{ [by]: { [beyond]: after.at } }, { _id: { [inclusive ? `${beyond}e` : beyond]: after.id } }]
      }
  return collection
    .find({ $and: [filter, afterPosition] } as Filter<D>, options)
    .sort({ [by]: direction, _id: direction })
}
