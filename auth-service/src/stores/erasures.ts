import { timeLimit } from '@laurel/shared/mongo'
import type { ClientSession, Db } from 'mongodb'

interface ErasureDocument {
  _id: string
  since: Date
}

/** Stores the erased users until event-service has erased them, too. */
export interface ErasureStore {
  insert: (userId: string, since: Date, transaction: ClientSession) => Promise<void>
  /** Returns the users who were erased before this instant, oldest first. */
  findPending: (before: Date, limit: number) => Promise<string[]>
  delete: (userId: string) => Promise<void>
}

export function createErasureStore (db: Db): ErasureStore {
  const erasures = db.collection<ErasureDocument>('erasures')
  return {
    async insert (userId, since, transaction) {
      const options = { upsert: true, session: transaction, ...timeLimit }
      await erasures.updateOne({ _id: userId }, { $set: { since } }, options)
    },
    async findPending (before, limit) {
      const waiting = { since: { $lt: before } }
      const found = await erasures.find(waiting, timeLimit).sort({ since: 1 }).limit(limit).toArray()
      return found.map(({ _id }) => _id)
    },
    async delete (userId) {
      await erasures.deleteOne({ _id: userId }, timeLimit)
    }
  }
}
