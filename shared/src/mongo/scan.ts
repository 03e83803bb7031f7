import type { Collection, Document, Filter, WithId } from 'mongodb'
import { timeLimit } from './connect.ts'
import { isDate } from './rows.ts'

interface Dated extends Document {
  _id: string
}

/** The number of rows per query, and the number of rows per batch of its cursor. */
const pageSize = 1000
const batchSize = 50

/**
 * Yields all rows that match, ordered by a date in each row, oldest first, in pages of 1,000. Each page is a separate
 * query that starts after the last row, so a scan can take any amount of time and does not keep a cursor open. Needs an
 * index that starts with the fields of the filter and ends with the date and `_id`.
 * @param by The field with the date.
 */
export async function * scanRows<D extends Dated> (
  collection: Collection<D>, filter: Filter<D>, by: string
): AsyncGenerator<Array<WithId<D>>, void> {
  let position: object = {}
  while (true) {
    const rows = await collection
      .find({ $and: [filter, position] } as Filter<D>, { batchSize, ...timeLimit })
      .sort({ [by]: 1, _id: 1 })
      .limit(pageSize)
      .toArray()
    yield rows
    // A row without a date cannot be a position.
    const last = rows.findLast(row => isDate(row[by]))
    if (rows.length < pageSize || last === undefined) return
    position = { [by]: { $gte: last[by] }, $or: [{ [by]: { $gt: last[by] } }, { _id: { $gt: last._id } }] }
  }
}
