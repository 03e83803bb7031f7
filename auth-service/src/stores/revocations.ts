import { timeLimit } from '@laurel/shared/mongo'
import type { Db } from 'mongodb'

export interface Revocation {
  /** The id of a session or of a machine client. */
  readonly sessionId: string
  readonly at: Date
}

interface EndedDocument { _id: string, endedAt: Date }

export interface RevocationStore {
  /** Returns the sessions and clients that ended at or after this instant, in no particular order. */
  findSince: (since: Date) => Promise<Revocation[]>
}

/** Reads ended sessions and deleted clients directly from the sessions and the machine clients. */
export function createRevocationStore (db: Db): RevocationStore {
  const collections = ['sessions', 'clients'].map(name => db.collection<EndedDocument>(name))
  return {
    async findSince (since) {
      const options = { projection: { endedAt: 1 }, ...timeLimit }
      const found = await Promise.all(collections.map(async collection =>
        await collection.find({ endedAt: { $gte: since } }, options).toArray()))
      return found.flat().map(({ _id, endedAt }) => ({ sessionId: _id, at: endedAt }))
    }
  }
}
