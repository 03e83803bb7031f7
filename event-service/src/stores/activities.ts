import { DomainError } from '@laurel/shared/errors'
import { bounded, findPage, type ListQuery, type PageOf } from '@laurel/shared/mongo'
import { MongoBulkWriteError, Timestamp, type Db, type Filter } from 'mongodb'
import type { KnownActivity, SentActivity } from '../domain/activity.ts'
import type { Activity } from '../domain/condition.ts'

interface ActivityDocument extends Activity {
  /** user, sender and the sender's id: idempotent by construction. No part can hold a colon. */
  _id: string
  userId: string
  /** Filled in by mongod, so that no process's clock matters. */
  receivedAt: Timestamp
}

const duplicateKey = 11000

export interface ActivityStore {
  /** Writes those that are new. @returns how many were and how many were known. */
  insert: (activities: readonly SentActivity[]) => Promise<{ accepted: number, duplicates: number }>
  /** What a user did of these types in `[from, to)`, in any order. */
  ofUser: (userId: string, types: readonly string[], from: Date, to: Date) => Promise<Activity[]>
  /** The same with everything that is known of each, by `occurredAt`. */
  list: (filter: ActivityFilter, query: ListQuery) => Promise<PageOf<KnownActivity>>
}

export interface ActivityFilter {
  readonly userId: string
  readonly type?: string
  /** `[from, to)`, by `occurredAt`. */
  readonly from?: Date
  readonly to?: Date
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
        if (failures.some(({ code }) => code !== duplicateKey)) throw error
        // A broken line, a time limit or a missing majority comes wrapped: nobody knows then what was written.
        if (failures.length === 0 || error.result.getWriteConcernError() !== undefined) throw notWritten(error)
        return { accepted: rows.length - failures.length, duplicates: failures.length }
      }
    },
    ofUser: async (userId, types, from, to) => await collection
      .find({ userId, type: { $in: [...types] }, occurredAt: { $gte: from, $lt: to } }, { projection: { _id: 0, type: 1, occurredAt: 1, value: 1, data: 1 }, ...bounded })
      .toArray(),
    async list ({ userId, type, from, to }, query) {
      // One range of the index for each type, merged by the server; without the types it would sort a whole history.
      const types = type === undefined ? await collection.distinct('type', { userId }, bounded) : [type]
      const filter: Filter<ActivityDocument> = {
        userId,
        type: { $in: types },
        ...(from === undefined && to === undefined ? {} : { occurredAt: { ...(from && { $gte: from }), ...(to && { $lt: to }) } })
      }
      const { data, nextCursor } = await findPage(collection, JSON.stringify(['activities', userId, type, from, to]), filter, query, 'occurredAt')
      return { data: data.map(toKnown), nextCursor }
    }
  }
}

function notWritten (cause: MongoBulkWriteError): DomainError {
  const refusal = new DomainError('unavailable', 'SERVICE_UNAVAILABLE', 'Not everything could be written: send it again', { retryAfter: 1 })
  return Object.assign(refusal, { cause })
}

function toKnown ({ _id, receivedAt, ...rest }: ActivityDocument): KnownActivity {
  const [, sender = '', id = ''] = _id.split(':')
  return { id, sender, ...rest, receivedAt: new Date(receivedAt.getHighBits() * 1000) }
}
