import { timeLimit } from '@laurel/shared/mongo'
import type { ClientSession, Db } from 'mongodb'

interface ErasureDocument {
  _id: string
  /** When the account was deleted. Later if an attempt has failed. */
  since: Date
}

/** Stores the erased users until event-service has erased them, too. */
export interface ErasureStore {
  insert: (userId: string, since: Date, transaction: ClientSession) => Promise<void>
  /** Returns since when the erasure of a user has been pending, or `null` if it is not pending. */
  pendingSince: (userId: string, transaction?: ClientSession) => Promise<Date | null>
  /** Returns the users whose erasures have been pending since before this instant, oldest first. */
  findPending: (before: Date, limit: number) => Promise<string[]>
  /** Sorts a pending erasure as if the user had been erased at this instant. */
  postpone: (userId: string, since: Date) => Promise<void>
  /** Deletes an erasure that has been pending since before this instant, but not a later one of the same id. */
  delete: (userId: string, before: Date) => Promise<void>
}

export function createErasureStore (db: Db): ErasureStore {
  const erasures = db.collection<ErasureDocument>('erasures')
  return {
    async insert (userId, since, transaction) {
      const options = { upsert: true, session: transaction, ...timeLimit }
      await erasures.updateOne({ _id: userId }, { $set: { since } }, options)
    },
    async pendingSince (userId, transaction) {
      const options = { ...timeLimit, ...(transaction === undefined ? {} : { session: transaction }) }
      const found = await erasures.findOne({ _id: userId }, options)
      return found === null ? null : found.since
    },
    async findPending (before, limit) {
      const waiting = { since: { $lt: before } }
      const found = await erasures.find(waiting, timeLimit).sort({ since: 1 }).limit(limit).toArray()
      return found.map(({ _id }) => _id)
    },
    async postpone (userId, since) {
      await erasures.updateOne({ _id: userId }, { $max: { since } }, timeLimit)
    },
    async delete (userId, before) {
      await erasures.deleteOne({ _id: userId, since: { $lt: before } }, timeLimit)
    }
  }
}
