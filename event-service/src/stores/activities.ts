import { bounded } from '@laurel/shared/mongo'
import { MongoBulkWriteError, Timestamp, type Db } from 'mongodb'
import type { SentActivity } from '../domain/activity.ts'
import type { Activity } from '../domain/condition.ts'

interface ActivityDocument extends Activity {
  /** user, sender and the sender's id: idempotent by construction. No part can hold a colon. */
  _id: string
  userId: string
  type: string
  /** Filled in by mongod, so that no process's clock matters. */
  receivedAt: Timestamp
  data?: Readonly<Record<string, string | number | boolean>>
}

const duplicateKey = 11000

export interface ActivityStore {
  /** Writes those that are new. @returns how many were and how many were known. */
  insert: (activities: readonly SentActivity[]) => Promise<{ accepted: number, duplicates: number }>
  /** What a user did of one type in `[from, to)`, in any order. */
  ofUser: (userId: string, type: string, from: Date, to: Date) => Promise<Activity[]>
}

export function createActivityStore (db: Db): ActivityStore {
  const collection = db.collection<ActivityDocument>('activities')
  return {
    async insert (activities) {
      if (activities.length === 0) return { accepted: 0, duplicates: 0 }
      const rows = activities.map(({ id, sender, ...activity }): ActivityDocument => ({
        _id: `${activity.userId}:${sender}:${id}`, ...activity, receivedAt: new Timestamp({ t: 0, i: 0 })
      }))
      try {
        await collection.insertMany(rows, { ordered: false, ...bounded })
        return { accepted: rows.length, duplicates: 0 }
      } catch (error) {
        if (!(error instanceof MongoBulkWriteError)) throw error
        const failures = [error.writeErrors].flat()
        const allKnown = failures.length > 0 && failures.every(({ code }) => code === duplicateKey) && error.result.getWriteConcernError() === undefined
        if (allKnown) return { accepted: rows.length - failures.length, duplicates: failures.length }
        // A broken line or a time limit comes wrapped, without one failed row: nobody knows then what was written.
        throw error.errorResponse instanceof Error ? error.errorResponse : error
      }
    },
    ofUser: async (userId, type, from, to) => await collection
      .find({ userId, type, occurredAt: { $gte: from, $lt: to } }, { projection: { _id: 0, occurredAt: 1, value: 1 }, ...bounded })
      .toArray()
  }
}
