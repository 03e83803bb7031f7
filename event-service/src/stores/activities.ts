import { Activity as ActivitySchema } from '@laurel/shared/contracts'
import {
  dateRange, timeLimit, createDocumentCheck, findPage, insertIsolated, readDocuments, StoredDate, StoredTimestamp,
  type ListQuery, type OnUnreadable, type PageOf
} from '@laurel/shared/mongo'
import { Timestamp, type Db, type Filter } from 'mongodb'
import { Failed } from '../batch.ts'
import type { StoredActivity, ReportedActivity } from '../domain/activity.ts'
import type { CountableActivity } from '../domain/tally.ts'
import {
  activitiesPipeline, toUserActivities, type ActivityGroup, type UserActivities, type Window
} from './activity-read.ts'
import { distinctUsers } from './distinct-users.ts'

export type { ActivityRead, UserActivities, Window } from './activity-read.ts'

interface ActivityDocument extends CountableActivity {
  /** The user, the sender and the sender's id, so that a repeated activity is stored once. No part contains a colon. */
  _id: string
  userId: string
  /** Set by mongod, so that it does not depend on the clock of a process. */
  receivedAt: Timestamp
}

interface ArrivedActivity extends CountableActivity {
  /** In seconds since 1970 by MongoDB's clock. */
  readonly arrivedAt: number
}

/** The activities of one user, and when they were read. */
export interface History {
  readonly activities: readonly ArrivedActivity[]
  /** The read includes everything that was committed before. In seconds since 1970 by MongoDB's clock. */
  readonly readAt: number
}

export interface ActivityFilter {
  readonly userId: string
  readonly type?: string
  /** `[from, to)`, by `occurredAt`. */
  readonly from?: Date
  readonly to?: Date
}

/** How many activities of one request were new, and how many were already stored. */
export interface Inserted {
  readonly accepted: number
  readonly duplicates: number
}

export interface ActivityStore {
  /**
   * Stores the new activities of many requests in one command. Returns one outcome per request, in their order. If
   * MongoDB rejects the activities of a request, only this request fails.
   */
  insert: (requests: ReadonlyArray<readonly ReportedActivity[]>) => Promise<Array<Inserted | Failed>>
  /** Returns which of these activities are stored, in their order. */
  areKnown: (activities: readonly ReportedActivity[]) => Promise<boolean[]>
  /** Yields the ids of all users who have activities, each once, at most this many at a time. */
  allUsers: (size: number) => AsyncGenerator<string[]>
  /** Returns at most `limit` activities, ordered by user id. The activities of one user are in any order. */
  ofUsers: (userIds: readonly string[], window: Window, limit: number) => Promise<UserActivities[]>
  /**
   * Returns the activities of one user.
   * @param arrivedSince excludes activities that arrived before it. In seconds since 1970 by MongoDB's clock.
   */
  ofUser: (userId: string, window: Window, arrivedSince?: number) => Promise<History>
  /** Returns a page of a user's activities with all fields, by `occurredAt`. Omits activities that cannot be read. */
  list: (filter: ActivityFilter, query: ListQuery) => Promise<PageOf<StoredActivity>>
}

export function createActivityStore (db: Db, onUnreadable: OnUnreadable): ActivityStore {
  const collection = db.collection<ActivityDocument>('activities')
  return {
    async insert (requests) {
      const documents = requests.flatMap(activities => activities.map(toDocument))
      const { collisions, failures } = await insertIsolated(collection, documents)
      let end = 0
      return requests.map(({ length }) => {
        const begin = end
        end += length
        const isOwn = ({ index }: { readonly index: number }): boolean => index >= begin && index < end
        const failure = failures.find(isOwn)
        if (failure !== undefined) return new Failed(failure.error)
        const duplicates = collisions.filter(isOwn).length
        return { accepted: length - duplicates, duplicates }
      })
    },
    async areKnown (activities) {
      const ids = activities.map(activityId)
      // With the user ids, a sharded cluster queries only the necessary shards.
      const filter = { _id: { $in: ids }, userId: { $in: [...new Set(activities.map(({ userId }) => userId))] } }
      const found = await collection.find(filter, { projection: { _id: 1 }, hint: '_id_', ...timeLimit }).toArray()
      const known = new Set(found.map(({ _id }) => _id))
      return ids.map(id => known.has(id))
    },
    allUsers: size => distinctUsers(collection, 'user_by_type', {}, size),
    async ofUsers (userIds, window, limit) {
      const pipeline = activitiesPipeline({ userIds, window, limit })
      const groups = await collection.aggregate<ActivityGroup>(pipeline, { batchSize: limit, ...timeLimit }).toArray()
      return groups.map(toUserActivities)
    },
    async ofUser (userId, { types, from, to }, arrivedSince) {
      const isTail = arrivedSince !== undefined
      const filter = {
        userId,
        type: { $in: [...types] },
        occurredAt: { $gte: from, $lt: to },
        ...(isTail ? { receivedAt: { $gte: new Timestamp({ t: arrivedSince, i: 0 }) } } : {})
      }
      const index = isTail ? 'user_by_arrival' : 'user_by_type'
      // A majority read sees everything up to its own operation time.
      return await db.client.withSession({ causalConsistency: true }, async session => {
        const options = { projection: { _id: 0, userId: 0 }, batchSize: 10_000, session, ...timeLimit }
        const documents = await collection.find(filter, options).hint(index).toArray()
        return { activities: documents.map(toArrived), readAt: (session.operationTime as Timestamp).getHighBits() }
      })
    },
    async list ({ userId, type, from, to }, query) {
      // The server merges one range of the index per type. Without the types, it would sort a whole history.
      const types = type === undefined ? await collection.distinct('type', { userId }, timeLimit) : [type]
      const filter: Filter<ActivityDocument> = {
        userId,
        type: { $in: types },
        ...dateRange('occurredAt', from, to)
      }
      const { data, nextCursor } = await findPage(collection, filter, query, 'occurredAt')
      return { data: readDocuments(data, toKnown, onUnreadable), nextCursor }
    }
  }
}

function activityId ({ userId, sender, id }: ReportedActivity): string {
  return `${userId}:${sender}:${id}`
}

function toDocument (reported: ReportedActivity): ActivityDocument {
  const { id, sender, ...activity } = reported
  return { _id: activityId(reported), ...activity, receivedAt: new Timestamp({ t: 0, i: 0 }) }
}

function toArrived ({ type, occurredAt, value, data, receivedAt }: ActivityDocument): ArrivedActivity {
  return { type, occurredAt, value, data, arrivedAt: receivedAt.getHighBits() }
}

const { type, data } = ActivitySchema.properties
const checkActivity = createDocumentCheck('activities', {
  userId: { type: 'string' }, type, occurredAt: StoredDate, receivedAt: StoredTimestamp
}, { value: { type: 'number' }, data })

function toKnown (document: ActivityDocument): StoredActivity {
  checkActivity(document)
  const { _id, receivedAt, ...rest } = document
  const [, sender = '', id = ''] = _id.split(':')
  return { id, sender, ...rest, receivedAt: new Date(receivedAt.getHighBits() * 1000) }
}
