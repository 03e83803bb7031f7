import { timeLimit } from '@laurel/shared/mongo'
import { Timestamp, type Db, type Filter } from 'mongodb'
import type { RewardEvent } from '../domain/event.ts'
import type { Retention } from '../domain/retention.ts'
import { toEvent, type EventDocument } from './event-documents.ts'

interface ActivityDocument {
  _id: string
  userId: string
  type: string
  occurredAt: Date
  receivedAt: Timestamp
}

/** Removes activities. */
export interface OldActivityStore {
  /** Returns the time of MongoDB's clock. */
  now: () => Promise<Date>
  /**
   * Returns the events that still need the activities that they count: those that end, or can be claimed, after this
   * instant, and those with claims that are waiting for a review. Throws if one of them cannot be read, because it is
   * unknown what it counts.
   */
  findRetainingEvents: (before: Date) => Promise<RewardEvent[]>
  /** Returns the next user with activities after this one, in the order of the ids. */
  nextUser: (after: string) => Promise<string | undefined>
  /** Removes at most `limit` activities of a user that are not needed. Returns the number of removed activities. */
  remove: (userId: string, retention: Retention, limit: number) => Promise<number>
}

export function createOldActivityStore (db: Db): OldActivityStore {
  const activities = db.collection<ActivityDocument>('activities')
  const events = db.collection<EventDocument>('events')
  const claims = db.collection('claims')
  return {
    now: async () => (await db.command({ hello: 1, ...timeLimit }))['localTime'],
    async findRetainingEvents (before) {
      // With this filter and hint, MongoDB reads one index key per event instead of one per claim.
      const inReview = await claims.aggregate<{ readonly _id: string }>([
        { $match: { eventId: { $gte: '' }, status: 'PENDING' } }, { $group: { _id: '$eventId' } }
      ], { hint: 'event_by_outcome', ...timeLimit }).toArray()
      // The indexes contain only events with a condition.
      const condition: object = { $type: 'object' }
      const $or: Array<Filter<EventDocument>> = [
        { condition, endsAt: { $gt: before } },
        { condition, claimUntil: { $gt: before } },
        { _id: { $in: inReview.map(({ _id }) => _id) } }
      ]
      return (await events.find({ $or }, timeLimit).toArray()).map(toEvent)
    },
    async nextUser (after) {
      const options = {
        sort: { userId: 1, type: 1, occurredAt: 1, _id: 1 },
        projection: { _id: 0, userId: 1 },
        hint: 'user_by_type',
        ...timeLimit
      } as const
      return (await activities.findOne({ userId: { $gt: after } }, options))?.userId
    },
    async remove (userId, retention, limit) {
      const filter = removable(userId, retention)
      const options = { projection: { _id: 1 }, limit, hint: 'user_by_type', ...timeLimit } as const
      const found = await activities.find(filter, options).toArray()
      if (found.length === 0) return 0
      // Another process may have removed an activity, and it may have been reported again in the meantime.
      const ids = found.map(({ _id }) => _id)
      const own = { _id: { $in: ids }, ...filter }
      const { deletedCount } = await activities.deleteMany(own, { hint: '_id_', ...timeLimit })
      return deletedCount
    }
  }
}

/** Returns the filter of a user's activities that are not needed. */
function removable (userId: string, { before, kept }: Retention): Filter<ActivityDocument> {
  const retained = [...kept].flatMap(([type, intervals]) =>
    intervals.map(({ from, to }) => ({ type, occurredAt: { $gte: from, $lt: to } })))
  return {
    userId,
    occurredAt: { $lt: before },
    receivedAt: { $lt: new Timestamp({ t: Math.floor(before.getTime() / 1000), i: 0 }) },
    ...(retained.length === 0 ? {} : { $nor: retained })
  }
}
