import { bounded, findPage, type ListQuery, type PageOf } from '@laurel/shared/mongo'
import type { ClientSession, Collection, Db } from 'mongodb'
import type { PlatformActivity } from '../domain/activities.ts'
import type { Session } from '../domain/session.ts'
import type { Undelivered } from './outbox.ts'

export interface SessionDocument extends Omit<Session, 'id'> {
  _id: string
  /** When it is forgotten. */
  keptUntil: Date
  /** The visit that it has told last. */
  toldVisit: Date
  /** What event-service has not acknowledged yet; both fields go together. */
  outbox?: PlatformActivity[]
  outboxSince?: Date
}

export interface NewSession extends Pick<Session, 'id' | 'userId' | 'createdAt' | 'expiresAt'> {
  readonly keptUntil: Date
  /** The visit that its login tells. */
  readonly visit: Date
  readonly outbox: readonly PlatformActivity[]
}

/** An end is one write to the session itself: what a gateway is told is read from there, so no second list can miss it. */
export interface SessionStore {
  /** The session and what its login has to tell, in one write. */
  begin: (session: NewSession) => Promise<void>
  find: (id: string) => Promise<Session | null>
  /** Exchanges the newest refresh token of a living session, in one write: of many at once one succeeds, the others meet null. */
  rotate: (id: string, generation: number, at: Date, idleSince: Date) => Promise<Session | null>
  /** Notes what a visit tells, once a session and visit. Undefined where it is told already. */
  tell: (id: string, visit: Date, activities: readonly PlatformActivity[], at: Date) => Promise<Undelivered | undefined>
  /** Whether there was one to end. A session ends once. */
  end: (id: string, at: Date, userId?: string) => Promise<boolean>
  /** All sessions of a user but `except`. */
  endAllOf: (userId: string, at: Date, transaction: ClientSession, except?: string) => Promise<void>
  /** The living ones. */
  listOf: (userId: string, at: Date, idleSince: Date, query: ListQuery) => Promise<PageOf<Session>>
}

export function createSessionStore (db: Db): SessionStore {
  const sessions: Collection<SessionDocument> = db.collection('sessions')
  const open = { endedAt: { $exists: false } }
  return {
    async begin ({ id, visit, outbox, ...rest }) {
      const { createdAt } = rest
      await sessions.insertOne({ _id: id, generation: 0, ...rest, usedAt: createdAt, toldVisit: visit, outbox: [...outbox], outboxSince: createdAt }, bounded)
    },
    async find (id) {
      const found = await sessions.findOne({ _id: id }, bounded)
      return found === null ? null : toSession(found)
    },
    async rotate (id, generation, at, idleSince) {
      const rotated = await sessions.findOneAndUpdate(
        { _id: id, generation, ...open, expiresAt: { $gt: at }, usedAt: { $gt: idleSince } },
        { $inc: { generation: 1 }, $set: { usedAt: at } },
        { returnDocument: 'after', ...bounded }
      )
      return rotated === null ? null : toSession(rotated)
    },
    async tell (id, visit, activities, at) {
      const told = await sessions.findOneAndUpdate(
        { _id: id, toldVisit: { $ne: visit } },
        { $push: { outbox: { $each: [...activities] } }, $set: { outboxSince: at, toldVisit: visit } },
        { returnDocument: 'after', projection: { outbox: 1 }, ...bounded }
      )
      return told?.outbox === undefined ? undefined : { sessionId: id, since: at, activities: told.outbox }
    },
    async end (id, at, userId) {
      const { matchedCount } = await sessions.updateOne({ _id: id, ...(userId === undefined ? {} : { userId }), ...open }, { $set: { endedAt: at } }, bounded)
      return matchedCount > 0
    },
    async endAllOf (userId, at, transaction, except) {
      await sessions.updateMany({ userId, ...open, ...(except === undefined ? {} : { _id: { $ne: except } }) }, { $set: { endedAt: at } }, { session: transaction, ...bounded })
    },
    async listOf (userId, at, idleSince, query) {
      const filter = { userId, ...open, expiresAt: { $gt: at }, usedAt: { $gt: idleSince } }
      const { data, nextCursor } = await findPage(sessions, `sessions of ${userId}`, filter, query)
      return { data: data.map(toSession), nextCursor }
    }
  }
}

function toSession ({ _id, keptUntil, toldVisit, outbox, outboxSince, ...rest }: SessionDocument): Session {
  return { id: _id, ...rest }
}
