import { timeLimit } from '@laurel/shared/mongo'
import type { Db } from 'mongodb'
import type { PlatformActivity } from '../domain/platform-activity.ts'
import type { SessionDocument } from './session-document.ts'

/** The activities of a session that event-service has not acknowledged yet. */
export interface PendingActivities {
  readonly sessionId: string
  /** When the oldest one was added, plus 1 ms for each visit that was added later. */
  readonly since: Date
  readonly activities: readonly PlatformActivity[]
}

/** Reads the activities in the sessions that event-service has not received yet. */
export interface OutboxStore {
  /** Returns the entries that have been waiting since before this instant, oldest first. Skips the first `skip`. */
  findPending: (before: Date, limit: number, skip?: number) => Promise<PendingActivities[]>
  /**
   * Removes delivered activities. If new activities have been added to a session in the meantime, it keeps all of them;
   * event-service counts each id once.
   */
  markDelivered: (delivered: readonly PendingActivities[]) => Promise<void>
}

export function createOutboxStore (db: Db): OutboxStore {
  const sessions = db.collection<SessionDocument>('sessions')
  return {
    async findPending (before, limit, skip = 0) {
      const waiting = { outboxSince: { $lt: before } }
      const found = await sessions.find(waiting, timeLimit).sort({ outboxSince: 1 }).skip(skip).limit(limit).toArray()
      return found.map(({ _id, outbox = [], outboxSince = before }) =>
        ({ sessionId: _id, since: outboxSince, activities: outbox }))
    },
    async markDelivered (delivered) {
      const unchanged = delivered.map(({ sessionId, since }) => ({ _id: sessionId, outboxSince: since }))
      await sessions.updateMany({ $or: unchanged }, { $unset: { outbox: 1, outboxSince: 1 } }, timeLimit)
    }
  }
}
