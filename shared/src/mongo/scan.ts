import type { Collection, Document, Filter, WithId } from 'mongodb'
import { timeLimit } from './connect.ts'
import { isDate } from './documents.ts'

interface Dated extends Document {
  _id: string
}

/** The number of documents per query, and the number of documents per batch of its cursor. */
const pageSize = 1000
const batchSize = 50

/**
 * Yields all documents that match, ordered by a date in each document, oldest first, in pages of 1,000. Each page is a
 * separate query that starts after the last document, so a scan can take any amount of time and does not keep a cursor
 * open. Needs an index that starts with the fields of the filter and ends with the date and `_id`.
 * @param by The field with the date.
 */
export async function * scanDocuments<D extends Dated> (
  collection: Collection<D>, filter: Filter<D>, by: string
): AsyncGenerator<Array<WithId<D>>, void> {
  let position: object = {}
  while (true) {
    const documents = await collection
      .find({ $and: [filter, position] } as Filter<D>, { batchSize, ...timeLimit })
      .sort({ [by]: 1, _id: 1 })
      .limit(pageSize)
      .toArray()
    yield documents
    // A document without a date cannot be a position.
    const last = documents.findLast(document => isDate(document[by]))
    if (documents.length < pageSize || last === undefined) return
    position = { [by]: { $gte: last[by] }, $or: [{ [by]: { $gt: last[by] } }, { _id: { $gt: last._id } }] }
  }
}
