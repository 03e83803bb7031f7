import { bounded } from '@laurel/shared/mongo'
import type { Db } from 'mongodb'

export interface Revocation {
  /** A session, or a machine client. */
  readonly sessionId: string
  readonly at: Date
}

interface Ended { _id: string, endedAt: Date }

export interface RevocationStore {
  /** What ended at `since` or later, in no order. */
  endedSince: (since: Date) => Promise<Revocation[]>
}

/** Read from the sessions and the machine clients themselves. */
export function createRevocationStore (db: Db): RevocationStore {
  const both = ['sessions', 'clients'].map(name => db.collection<Ended>(name))
  return {
    async endedSince (since) {
      const found = await Promise.all(both.map(async ended =>
        await ended.find({ endedAt: { $gte: since } }, { projection: { endedAt: 1 }, ...bounded }).toArray()))
      return found.flat().map(({ _id, endedAt }) => ({ sessionId: _id, at: endedAt }))
    }
  }
}
