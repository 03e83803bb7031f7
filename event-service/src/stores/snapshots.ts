import type { Scalar } from '@laurel/shared/contracts'
import { timeLimit, withoutCausality } from '@laurel/shared/mongo'
import { Timestamp, type Db } from 'mongodb'
import type { Tally } from '../domain/tally.ts'

/** The result of a user's activities up to an instant by MongoDB's clock. */
export interface Snapshot {
  /** The snapshot counts exactly the activities that arrived before it. In seconds since 1970 by MongoDB's clock. */
  readonly upTo: number
  /** One tally per leaf of the condition, in the order of the leaves. */
  readonly tallies: readonly Tally[]
}

/** A cache: deleting it changes no result. */
export interface SnapshotStore {
  find: (userId: string, key: string) => Promise<Snapshot | null>
  save: (userId: string, key: string, snapshot: Snapshot) => Promise<void>
}

interface StoredTally {
  units: number
  thousandths: number
  seen: Scalar[]
}

interface SnapshotDocument {
  /** The user id and the key of what was counted. */
  _id: string
  userId: string
  upTo: Timestamp
  tallies: StoredTally[]
  /** MongoDB removes old snapshots. */
  madeAt: Date
}

/** Returns a tally in the form in which MongoDB stores it. */
export function storedTally ({ seen, ...numbers }: Tally): StoredTally {
  return { ...numbers, seen: [...seen] }
}

/** Returns the tally that was stored. */
export function readTally ({ seen, ...numbers }: StoredTally): Tally {
  return { ...numbers, seen: new Set(seen) }
}

export function createSnapshotStore (db: Db): SnapshotStore {
  const snapshots = db.collection<SnapshotDocument>('snapshots')
  return {
    async find (userId, key) {
      const found = await snapshots.findOne({ _id: `${userId}_${key}`, userId }, timeLimit)
      if (found === null) return null
      return { upTo: found.upTo.getHighBits(), tallies: found.tallies.map(readTally) }
    },
    async save (userId, key, { upTo, tallies }) {
      const document = {
        userId,
        upTo: new Timestamp({ t: upTo, i: 0 }),
        tallies: tallies.map(storedTally),
        madeAt: new Date()
      }
      await withoutCausality(db, async session => {
        const options = { upsert: true, writeConcern: { w: 1 }, session, ...timeLimit } as const
        await snapshots.replaceOne({ _id: `${userId}_${key}`, userId }, document, options)
      })
    }
  }
}
