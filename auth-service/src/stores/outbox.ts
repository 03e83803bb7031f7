import { bounded } from '@laurel/shared/mongo'
import type { Db } from 'mongodb'
import type { PlatformActivity } from '../domain/activities.ts'
import type { SessionDocument } from './sessions.ts'

export interface Undelivered {
  readonly sessionId: string
  /** When the last of them was added. */
  readonly since: Date
  readonly activities: readonly PlatformActivity[]
}

/** What the sessions have to tell event-service and it has not acknowledged yet. */
export interface Outbox {
  /** What has waited since before `before`, oldest first. */
  undelivered: (before: Date, limit: number) => Promise<Undelivered[]>
  /** A session to whose outbox something came meanwhile keeps all of it: event-service counts each once. */
  markDelivered: (delivered: readonly Undelivered[]) => Promise<void>
}

export function createOutbox (db: Db): Outbox {
  const sessions = db.collection<SessionDocument>('sessions')
  return {
    async undelivered (before, limit) {
      const rows = await sessions.find({ outboxSince: { $lt: before } }, bounded).sort({ outboxSince: 1 }).limit(limit).toArray()
      return rows.map(({ _id, outbox = [], outboxSince = before }) => ({ sessionId: _id, since: outboxSince, activities: outbox }))
    },
    async markDelivered (delivered) {
      const as = delivered.map(({ sessionId, since }) => ({ _id: sessionId, outboxSince: since }))
      await sessions.updateMany({ $or: as }, { $unset: { outbox: 1, outboxSince: 1 } }, bounded)
    }
  }
}
