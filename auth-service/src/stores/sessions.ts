import { bounded } from '@laurel/shared/mongo'
import type { Db } from 'mongodb'
import type { PlatformActivity } from '../domain/activities.ts'

interface SessionDocument {
  _id: string
  userId: string
  /** How often the refresh token was exchanged. */
  generation: number
  createdAt: Date
  expiresAt: Date
  endedAt?: Date
  /** What event-service has not acknowledged yet; both fields go together. */
  outbox?: PlatformActivity[]
  outboxSince?: Date
}

export interface NewSession {
  readonly id: string
  readonly userId: string
  readonly createdAt: Date
  readonly expiresAt: Date
  readonly outbox: readonly PlatformActivity[]
}

export interface Undelivered {
  readonly sessionId: string
  readonly activities: readonly PlatformActivity[]
}

export interface SessionStore {
  /** The session and what its login has to tell, in one write. */
  begin: (session: NewSession) => Promise<void>
  end: (id: string, at: Date) => Promise<void>
  endAllOf: (userId: string, at: Date) => Promise<void>
  /** What has waited since before `before`, oldest first. */
  undelivered: (before: Date, limit: number) => Promise<Undelivered[]>
  markDelivered: (sessionIds: readonly string[]) => Promise<void>
}

export function createSessionStore (db: Db): SessionStore {
  const sessions = db.collection<SessionDocument>('sessions')
  return {
    async begin ({ id, userId, createdAt, expiresAt, outbox }) {
      await sessions.insertOne({ _id: id, userId, generation: 0, createdAt, expiresAt, outbox: [...outbox], outboxSince: createdAt }, bounded)
    },
    async end (id, at) {
      await sessions.updateOne({ _id: id, endedAt: { $exists: false } }, { $set: { endedAt: at } }, bounded)
    },
    async endAllOf (userId, at) {
      await sessions.updateMany({ userId, endedAt: { $exists: false } }, { $set: { endedAt: at } }, bounded)
    },
    async undelivered (before, limit) {
      const rows = await sessions.find({ outboxSince: { $lt: before } }, bounded).sort({ outboxSince: 1 }).limit(limit).toArray()
      return rows.map(({ _id, outbox = [] }) => ({ sessionId: _id, activities: outbox }))
    },
    async markDelivered (sessionIds) {
      await sessions.updateMany({ _id: { $in: [...sessionIds] } }, { $unset: { outbox: 1, outboxSince: 1 } }, bounded)
    }
  }
}
