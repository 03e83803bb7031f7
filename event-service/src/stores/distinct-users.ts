import { timeLimit } from '@laurel/shared/mongo'
import type { Collection, Document, Filter } from 'mongodb'

/**
 * Yields the users of a collection, each once, at most `size` at a time.
 * @param hint an index that begins with `userId`. MongoDB reads one key of it per user (DISTINCT_SCAN).
 */
export async function * distinctUsers<D extends Document> (
  collection: Collection<D>, hint: string, filter: Filter<D>, size: number
): AsyncGenerator<string[]> {
  const cursor = collection.aggregate<{ readonly _id: string }>([
    { $match: filter }, { $group: { _id: '$userId' } }
  ], { hint, batchSize: size, ...timeLimit })
  try {
    let userIds: string[] = []
    for await (const { _id } of cursor) {
      userIds.push(_id)
      if (userIds.length < size) continue
      yield userIds
      userIds = []
    }
    if (userIds.length > 0) yield userIds
  } finally {
    await cursor.close()
  }
}
