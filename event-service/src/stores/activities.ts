import { dateRange, timeLimit, findPage, insertUnordered, type ListQuery, type PageOf } from '@laurel/shared/mongo'
import { Timestamp, type Db, type Filter } from 'mongodb'
import type { StoredActivity, ReportedActivity } from '../domain/activity.ts'
import type { CountableActivity } from '../domain/condition.ts'

interface ActivityDocument extends CountableActivity {
  /** user, sender and the sender's id: idempotent by construction. No part can hold a colon. */
  _id: string
  userId: string
  /** Filled in by mongod, so that no process's clock matters. */
  receivedAt: Timestamp
}

/** Whose doings are looked for: of some users, of these types, in `[from, to)` by `occurredAt`. */
export interface Window {
  readonly types: readonly string[]
  readonly from: Date
  readonly to: Date
  /** Whether more is needed of each than its type and its instant. */
  readonly withData: boolean
}

/** What one user did of one type. */
export interface Doings {
  readonly userId: string
  readonly activities: readonly CountableActivity[]
}

export interface ActivityStore {
  /** Writes those of many senders that are new, in one command. @returns for each sender's list how many were new and how many were known. */
  insert: (lists: ReadonlyArray<readonly ReportedActivity[]>) => Promise<Array<{ accepted: number, duplicates: number }>>
  /** What these users did, taken in the order of their ids, at most `limit` activities in all; in any order. */
  ofUsers: (userIds: readonly string[], window: Window, limit: number) => Promise<Doings[]>
  /** What one user did, where it arrived after an instant of MongoDB's clock; from the beginning without one. */
  ofUser: (userId: string, window: Window, arrivedAfter?: Timestamp) => Promise<{ activities: ArrivedActivity[], readAt: Timestamp }>
  /** The same with everything that is known of each, by `occurredAt`. */
  list: (filter: ActivityFilter, query: ListQuery) => Promise<PageOf<StoredActivity>>
}

export interface ArrivedActivity extends CountableActivity {
  readonly receivedAt: Timestamp
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
    async insert (lists) {
      const rows = lists.flatMap(activities => activities.map(({ id, sender, ...activity }): ActivityDocument => ({
        _id: `${activity.userId}:${sender}:${id}`, ...activity, receivedAt: new Timestamp({ t: 0, i: 0 })
      })))
      const known = rows.length === 0 ? [] : await insertUnordered(collection, rows)
      let end = 0
      return lists.map(({ length }) => {
        const begin = end
        end += length
        const duplicates = known.filter(({ index }) => index >= begin && index < end).length
        return { accepted: length - duplicates, duplicates }
      })
    },
    async ofUsers (userIds, { types, from, to, withData }, limit) {
      // A document costs the driver some microseconds, a date in an array nearly nothing.
      const each = withData ? { occurredAt: '$occurredAt', value: '$value', data: '$data' } : '$occurredAt'
      const groups = await collection.aggregate<{ _id: { userId: string, type: string }, all: Array<Date | Omit<CountableActivity, 'type'>> }>([
        { $match: { userId: { $in: userIds }, type: { $in: types }, occurredAt: { $gte: from, $lt: to } } },
        { $sort: { userId: 1, type: 1 } },
        { $limit: limit },
        { $group: { _id: { userId: '$userId', type: '$type' }, all: { $push: each } } }
      ], { batchSize: limit, ...timeLimit }).toArray()
      return groups.map(({ _id: { userId, type }, all }) => ({ userId, activities: all.map(one => one instanceof Date ? { type, occurredAt: one } : { type, ...one }) }))
    },
    async ofUser (userId, { types, from, to }, arrivedAfter) {
      // A majority read sees everything up to its own operation time.
      return await db.client.withSession({ causalConsistency: true }, async session => {
        const arrived = arrivedAfter === undefined ? {} : { receivedAt: { $gt: arrivedAfter } }
        const activities = await collection
          .find({ userId, type: { $in: [...types] }, occurredAt: { $gte: from, $lt: to }, ...arrived }, { projection: { _id: 0, userId: 0 }, batchSize: 10_000, session, ...timeLimit })
          .hint(arrivedAfter === undefined ? 'user_by_type' : 'user_by_arrival')
          .toArray()
        return { activities, readAt: session.operationTime as Timestamp }
      })
    },
    async list ({ userId, type, from, to }, query) {
      // One range of the index for each type, merged by the server; without the types it would sort a whole history.
      const types = type === undefined ? await collection.distinct('type', { userId }, timeLimit) : [type]
      const filter: Filter<ActivityDocument> = {
        userId,
        type: { $in: types },
        ...dateRange('occurredAt', from, to)
      }
      const { data, nextCursor } = await findPage(collection, JSON.stringify(['activities', userId, type, from, to]), filter, query, 'occurredAt')
      return { data: data.map(toKnown), nextCursor }
    }
  }
}

function toKnown ({ _id, receivedAt, ...rest }: ActivityDocument): StoredActivity {
  const [, sender = '', id = ''] = _id.split(':')
  return { id, sender, ...rest, receivedAt: new Date(receivedAt.getHighBits() * 1000) }
}
