import type { Scalar } from '@laurel/shared/contracts'
import { timeLimit } from '@laurel/shared/mongo'
import type { Db, Timestamp } from 'mongodb'
import type { Tally } from '../domain/tally.ts'

/** What was counted of a user's doings up to an instant of MongoDB's clock. */
export interface Snapshot {
  /** Everything that arrived until then, and nothing that arrived later, is counted. */
  readonly upTo: Timestamp
  /** One for each leaf of the condition, in its order. */
  readonly tallies: readonly Tally[]
}

/** A cache: deleting all of it changes nothing but time. */
export interface SnapshotStore {
  find: (userId: string, key: string) => Promise<Snapshot | null>
  save: (userId: string, key: string, snapshot: Snapshot) => Promise<void>
}

interface SnapshotDocument {
  /** The user and what was counted. */
  _id: string
  userId: string
  upTo: Timestamp
  tallies: Array<{ units: number, thousandths: number, seen: Scalar[] }>
  /** Old ones are removed by MongoDB. */
  madeAt: Date
}

export function createSnapshotStore (db: Db): SnapshotStore {
  const snapshots = db.collection<SnapshotDocument>('snapshots')
  return {
    async find (userId, key) {
      const found = await snapshots.findOne({ _id: `${userId}_${key}`, userId }, timeLimit)
      return found === null ? null : { upTo: found.upTo, tallies: found.tallies.map(({ seen, ...numbers }) => ({ ...numbers, seen: new Set(seen) })) }
    },
    async save (userId, key, { upTo, tallies }) {
      await snapshots.replaceOne(
        { _id: `${userId}_${key}`, userId },
        { userId, upTo, tallies: tallies.map(({ seen, ...numbers }) => ({ ...numbers, seen: [...seen] })), madeAt: new Date() },
        { upsert: true, writeConcern: { w: 1 }, ...timeLimit }
      )
    }
  }
}
