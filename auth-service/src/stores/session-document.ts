import { createDocumentCheck, StoredDate } from '@laurel/shared/mongo'
import type { PlatformActivity } from '../domain/platform-activity.ts'
import type { Exchange, Session } from '../domain/session.ts'

/** A stored session, together with the activities that event-service has not acknowledged yet. */
export interface SessionDocument extends Omit<Session, 'id' | 'exchanges'> {
  _id: string
  /** Absent until the first exchange. */
  exchanges?: Exchange[]
  /** The session is deleted after this instant. */
  keptUntil: Date
  /** The start of the last visit that this session has reported. */
  toldVisit: Date
  /** Pending activities. Set together with `outboxSince`. */
  outbox?: PlatformActivity[]
  /**
   * When the oldest one was added, plus 1 ms for each visit that was added later: it changes with the content, so that
   * a delivery does not remove a visit that it has not sent.
   */
  outboxSince?: Date
}

const checkSession = createDocumentCheck('sessions', {
  userId: { type: 'string' },
  generation: { type: 'integer' },
  createdAt: StoredDate,
  usedAt: StoredDate,
  expiresAt: StoredDate
}, { endedAt: StoredDate })

/** Throws `UnreadableDocumentError` if the document is malformed. */
export function toSession (document: SessionDocument): Session {
  checkSession(document)
  const { _id, keptUntil, toldVisit, outbox, outboxSince, exchanges = [], ...session } = document
  return { id: _id, exchanges, ...session }
}
