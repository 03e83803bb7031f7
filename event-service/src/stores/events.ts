import { DomainError } from '@laurel/shared/errors'
import { createKeyedMutex } from '@laurel/shared/keyed-mutex'
import {
  timeLimit, inTransaction, isDuplicateKeyError, type AuditStore, type OnUnreadable
} from '@laurel/shared/mongo'
import type { ClientSession, Db } from 'mongodb'
import type { Audit, AuditTarget } from '../domain/audit.ts'
import { eventNotFound, type RewardEvent } from '../domain/event.ts'
import { eventEntry } from '../domain/messages.ts'
import type { Reward } from '../domain/reward.ts'
import { createEventQueries, type EventQueries } from './event-queries.ts'
import {
  changedFields, newEventDocument, newRewardDocument, toEvent, toReward, type Creation, type EventDocument
} from './event-documents.ts'
import { createEventAnnouncements, type EventAnnouncements } from './event-announcements.ts'
import { createOutboxStore, pushEntry, type OutboxStore } from './outbox.ts'
import { createSettingsStore } from './settings.ts'

export type { Creation } from './event-documents.ts'

/** Every change stores its audit entry in the same transaction. */
export interface EventStore extends EventQueries, EventAnnouncements {
  /**
   * Inserts an event, or returns the event that was created with this key.
   * Throws a 422 if the key was used with another body, and the errors of `check`.
   * @param check throws if the event cannot be created now.
   */
  insert: (
    event: RewardEvent, audit: Audit, creation?: Creation, check?: (event: RewardEvent) => void
  ) => Promise<{ event: RewardEvent, replayed: boolean }>
  /**
   * Changes an event by a pure rule. If another change came first, the rule is called again with the new event.
   * Throws a 404, and the errors of the rule.
   * @param rule returns the same object if nothing changes; then no audit entry is written. It may change or remove
   * rewards.
   * @param auditOf absent if the change is a consequence of a change that was audited.
   */
  update: (
    id: string, rule: (event: RewardEvent) => RewardEvent, auditOf?: (before: RewardEvent, after: RewardEvent) => Audit
  ) => Promise<RewardEvent>
  /** Deletes an event. Throws a 404, and the errors of the check. */
  delete: (id: string, check: (event: RewardEvent) => void, auditOf: (event: RewardEvent) => Audit) => Promise<void>
  /**
   * Adds a reward to an event, or returns the reward that was added with this key. Also returns the event before it.
   * Throws a 404, a 422 if the key was used with another body, and the errors of `check`.
   * @param check throws if the reward cannot be added to the event.
   */
  addReward: (
    eventId: string,
    reward: Reward,
    check: (event: RewardEvent, reward: Reward) => void,
    audit: Audit,
    creation?: Creation
  ) => Promise<{ event: RewardEvent, reward: Reward, replayed: boolean }>
  readonly outbox: OutboxStore<RewardEvent>
}

export function createEventStore (
  db: Db, audits: AuditStore<AuditTarget>, onUnreadable: OnUnreadable
): EventStore {
  const events = db.collection<EventDocument>('events')
  const settings = createSettingsStore(db)
  const mutex = createKeyedMutex()

  async function read (id: string, session: ClientSession): Promise<EventDocument> {
    const found = await events.findOne({ _id: id }, { session, ...timeLimit })
    if (found === null) throw eventNotFound()
    return found
  }

  /** Returns the event that an earlier request with this key created, or `undefined` if there is none. */
  async function findCreated ({ key, fingerprint }: Creation): Promise<RewardEvent | undefined> {
    const first = await events.findOne({ creationKey: key }, timeLimit)
    if (first === null) return undefined
    checkSameBody(first.creationFingerprint, fingerprint)
    return toEvent(first)
  }

  return {
    ...createEventQueries(events, onUnreadable),
    ...createEventAnnouncements(events),
    outbox: createOutboxStore(events, ({ _id }) => ({ _id }), toEvent),
    async insert (event, audit, creation, check = () => undefined) {
      // Before the check: a repeated request succeeds even if a new event would now be refused.
      const first = creation === undefined ? undefined : await findCreated(creation)
      if (first !== undefined) return { event: first, replayed: true }
      check(event)
      try {
        await inTransaction(db, async session => {
          const entry = eventEntry(null, event, (await settings.read(session)).wantedTypes)
          await events.insertOne(newEventDocument(event, creation, entry), { session, ...timeLimit })
          await audits.insert(audit, session)
        })
        return { event, replayed: false }
      } catch (error) {
        if (creation === undefined || !isDuplicateKeyError(error)) throw error
        const winner = await findCreated(creation)
        // A majority may not have acknowledged the other write yet.
        if (winner === undefined) throw sameRequestInProgress()
        return { event: winner, replayed: true }
      }
    },
    update: async (id, rule, auditOf) => await mutex(id, async () => await inTransaction(db, async session => {
      const stored = await read(id, session)
      const before = toEvent(stored)
      const after = rule(before)
      if (after === before) return before
      // The server aborts the later one of two concurrent transactions, and the driver retries it.
      const filter = { _id: id, version: before.version }
      const entry = eventEntry(before, after, (await settings.read(session)).wantedTypes)
      const change = { $set: changedFields(stored, after), ...pushEntry(entry) }
      await events.updateOne(filter, change, { session, ...timeLimit })
      if (auditOf !== undefined) await audits.insert(auditOf(before, after), session)
      return after
    })),
    delete: async (id, check, auditOf) => await mutex(id, async () => await inTransaction(db, async session => {
      const event = toEvent(await read(id, session))
      check(event)
      await events.deleteOne({ _id: id, version: event.version }, { session, ...timeLimit })
      await audits.insert(auditOf(event), session)
    })),
    addReward: async (eventId, reward, check, audit, creation) => await mutex(eventId, async () =>
      await inTransaction(db, async session => {
        const stored = await read(eventId, session)
        const event = toEvent(stored)
        const first = stored.rewards.find(({ creationKey }) => creation !== undefined && creationKey === creation.key)
        if (first !== undefined && creation !== undefined) {
          checkSameBody(first.creationFingerprint, creation.fingerprint)
          return { event, reward: toReward(first), replayed: true }
        }
        check(event, reward)
        const change = {
          $push: { rewards: newRewardDocument(reward, creation) },
          $inc: { version: 1 },
          $set: { updatedAt: audit.at }
        }
        await events.updateOne({ _id: eventId, version: stored.version }, change, { session, ...timeLimit })
        await audits.insert(audit, session)
        return { event, reward, replayed: false }
      }))
  }
}

function checkSameBody (stored: string | undefined, fingerprint: string): void {
  if (stored === fingerprint) return
  const message = 'This Idempotency-Key was already used for another request.'
  throw new DomainError('unprocessable', 'IDEMPOTENCY_KEY_REUSED', message)
}

function sameRequestInProgress (): DomainError {
  const message = 'The same request is in progress; retry after 1 second.'
  return new DomainError('unavailable', 'SERVICE_UNAVAILABLE', message, { retryAfter: 1 })
}
