import {
  findPage, readDocuments, timeLimit, type ListQuery, type OnUnreadable, type PageOf
} from '@laurel/shared/mongo'
import type { ClientSession, Db } from 'mongodb'
import type { PlatformActivity } from '../domain/platform-activity.ts'
import type { Session } from '../domain/session.ts'
import type { PendingActivities } from './outbox.ts'
import { toSession, type SessionDocument } from './session-document.ts'

export interface NewSession extends Pick<Session, 'id' | 'userId' | 'createdAt' | 'expiresAt'> {
  /** The session is deleted after this instant. */
  readonly keptUntil: Date
  /** The start of the visit that the login reports. */
  readonly visit: Date
  readonly outbox: readonly PlatformActivity[]
}

export interface NewVisit {
  readonly sessionId: string
  /** The start of the visit. */
  readonly visitedAt: Date
  readonly activities: readonly PlatformActivity[]
  readonly at: Date
}

export interface LiveFilter {
  readonly at: Date
  /** A session that was last used at this instant or before has ended. */
  readonly idleSince: Date
}

/** Ending a session is one write to the session itself. The gateway reads ended sessions there and cannot miss one. */
export interface SessionStore {
  /** Writes a session and the activities of its login in one write. */
  insert: (session: NewSession) => Promise<void>
  find: (id: string) => Promise<Session | null>
  /**
   * Moves an active session to the next generation and records this exchange, in one write. Only one of several
   * concurrent requests succeeds. Returns `null` if the session is not live or not at this generation.
   * @param forgetBefore exchanges at this instant or earlier are removed.
   */
  rotate: (id: string, generation: number, live: LiveFilter, forgetBefore: Date) => Promise<Session | null>
  /** Adds the activities of a visit, once for each session and visit. Returns `null` if it has been reported. */
  addVisit: (visit: NewVisit) => Promise<PendingActivities | null>
  /** Ends a session once. Returns whether it was open and belonged to this user. */
  end: (id: string, at: Date, userId: string, transaction?: ClientSession) => Promise<boolean>
  /** Ends the oldest active sessions of a user, so that at most `max` remain. */
  endOldest: (userId: string, max: number, live: LiveFilter) => Promise<void>
  /** Ends all sessions of a user except `except`. */
  endAll: (userId: string, at: Date, transaction: ClientSession, except?: string) => Promise<void>
  /** Drops the pending activities of a user who is erased. */
  clearOutboxes: (userId: string, transaction: ClientSession) => Promise<void>
  /** Lists the active sessions of a user. */
  list: (userId: string, live: LiveFilter, query: ListQuery) => Promise<PageOf<Session>>
}

/** Limits the size of the document if a client refreshes its session in a loop. */
const maxExchanges = 500

const open = { endedAt: { $exists: false } } as const

function liveSessions ({ at, idleSince }: LiveFilter) {
  return { ...open, expiresAt: { $gt: at }, usedAt: { $gt: idleSince } }
}

export function createSessionStore (db: Db, onUnreadable: OnUnreadable): SessionStore {
  const sessions = db.collection<SessionDocument>('sessions')
  return {
    async insert ({ id, visit, outbox, ...session }) {
      const { createdAt } = session
      await sessions.insertOne({
        _id: id,
        generation: 0,
        ...session,
        usedAt: createdAt,
        toldVisit: visit,
        outbox: [...outbox],
        outboxSince: createdAt
      }, timeLimit)
    },
    async find (id) {
      const found = await sessions.findOne({ _id: id }, timeLimit)
      return found === null ? null : toSession(found)
    },
    async rotate (id, generation, live, forgetBefore) {
      const recent = {
        $filter: { input: { $ifNull: ['$exchanges', []] }, cond: { $gt: ['$$this.at', forgetBefore] } }
      }
      const exchanges = { $concatArrays: [recent, [{ generation, at: live.at }]] }
      const rotated = await sessions.findOneAndUpdate(
        { _id: id, generation, ...liveSessions(live) },
        [{ $set: { generation: generation + 1, usedAt: live.at, exchanges: { $slice: [exchanges, -maxExchanges] } } }],
        { returnDocument: 'after', ...timeLimit }
      )
      return rotated === null ? null : toSession(rotated)
    },
    async addVisit ({ sessionId, visitedAt, activities, at }) {
      const updated = await sessions.findOneAndUpdate(
        { _id: sessionId, toldVisit: { $ne: visitedAt } },
        [{
          $set: {
            outbox: { $concatArrays: [{ $ifNull: ['$outbox', []] }, { $literal: activities }] },
            outboxSince: { $ifNull: [{ $add: ['$outboxSince', 1] }, at] },
            toldVisit: visitedAt
          }
        }],
        { returnDocument: 'after', projection: { outbox: 1, outboxSince: 1 }, ...timeLimit }
      )
      if (updated === null) return null
      const { outbox = [], outboxSince = at } = updated
      return { sessionId, since: outboxSince, activities: outbox }
    },
    async end (id, at, userId, transaction) {
      const options = { ...timeLimit, ...(transaction === undefined ? {} : { session: transaction }) }
      const filter = { _id: id, userId, ...open }
      const { matchedCount } = await sessions.updateOne(filter, { $set: { endedAt: at } }, options)
      return matchedCount > 0
    },
    async endOldest (userId, max, live) {
      const oldest = await sessions
        .find({ userId, ...liveSessions(live) }, { projection: { _id: 1 }, ...timeLimit })
        .sort({ createdAt: -1, _id: -1 })
        .skip(max)
        .toArray()
      if (oldest.length === 0) return
      const filter = { _id: { $in: oldest.map(({ _id }) => _id) }, ...open }
      await sessions.updateMany(filter, { $set: { endedAt: live.at } }, timeLimit)
    },
    async endAll (userId, at, transaction, except) {
      const others = except === undefined ? {} : { _id: { $ne: except } }
      const options = { session: transaction, ...timeLimit }
      await sessions.updateMany({ userId, ...open, ...others }, { $set: { endedAt: at } }, options)
    },
    async clearOutboxes (userId, transaction) {
      const options = { session: transaction, ...timeLimit }
      await sessions.updateMany({ userId }, { $unset: { outbox: 1, outboxSince: 1 } }, options)
    },
    async list (userId, live, query) {
      const filter = { userId, ...liveSessions(live) }
      const { data, nextCursor } = await findPage(sessions, filter, query)
      return { data: readDocuments(data, toSession, onUnreadable), nextCursor }
    }
  }
}
