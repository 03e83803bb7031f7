import type { EventSummary } from '@laurel/shared/contracts'
import { DomainError } from '@laurel/shared/errors'
import { createKeyedMutex } from '@laurel/shared/keyed-mutex'
import {
  timeLimit, findPage, findRankedPage, inTransaction, isDuplicateKeyError, readRows,
  type AuditStore, type ListQuery, type OnUnreadable, type PageOf
} from '@laurel/shared/mongo'
import { searchPattern } from '@laurel/shared/text'
import type { ClientSession, Db, Filter } from 'mongodb'
import { isolate, type Failed } from '../batch.ts'
import { coalesce } from '../coalesce.ts'
import type { Audit, AuditTarget } from '../domain/audit.ts'
import { eventNotFound, type RewardEvent } from '../domain/event.ts'
import { eventEntry } from '../domain/messages.ts'
import type { Reward } from '../domain/reward-definition.ts'
import { createReadBatch, type ReadBatch } from './batch-read.ts'
import {
  changedFields, newEventRow, newRewardRow, toEvent, toReward, type Creation, type EventDocument
} from './event-rows.ts'
import { createEventWatch, type EventWatch } from './event-watch.ts'
import { createOutboxStore, pushEntry, type OutboxStore } from './outbox.ts'
import { createSettingsStore, settingsId } from './settings.ts'

export { toEvent, type Creation, type EventDocument } from './event-rows.ts'

export interface EventFilter {
  readonly status?: EventSummary['status']
  readonly phase?: EventSummary['phase']
  /** Only events that can be claimed now: between `startsAt` and `claimUntil`, or `endsAt` without it. */
  readonly claimable?: boolean
  /** A part of the name, case-insensitive. */
  readonly text?: string
  /** Only events of this group, by position, then by creation. By default, in ascending order. */
  readonly group?: string
  readonly now: Date
}

/** Every change stores its audit row in the same transaction. */
export interface EventStore extends EventWatch {
  /** Returns the first event that was created with this key. Throws a 422 if its body was different. */
  insert: (event: RewardEvent, audit: Audit, creation?: Creation) => Promise<{ event: RewardEvent, replayed: boolean }>
  /** Concurrent callers share one read. */
  find: (id: string) => Promise<RewardEvent | null>
  /** Returns the events with these ids that exist. An event that cannot be read is `Failed`. */
  findMany: (ids: readonly string[]) => Promise<Map<string, RewardEvent | Failed>>
  /** Reads events together with the settings of the platform, in one command. */
  readBatch: ReadBatch
  /** Returns the groups of these events. Omits events without a group and events that do not exist. */
  groupsOf: (ids: readonly string[]) => Promise<ReadonlyMap<string, string>>
  /** Omits events that cannot be read. */
  list: (filter: EventFilter, query: ListQuery) => Promise<PageOf<RewardEvent>>
  /**
   * Changes an event by a pure rule. If another change came first, the rule is called again with the new event.
   * @param rule returns the same object if nothing changes; then no audit row is written. It may change or remove
   * rewards. @param auditOf absent if the change is a consequence of a change that was audited.
   * @throws {DomainError} 404, and the errors of the rule.
   */
  update: (
    id: string, rule: (event: RewardEvent) => RewardEvent, auditOf?: (before: RewardEvent, after: RewardEvent) => Audit
  ) => Promise<RewardEvent>
  /** Deletes an event. Throws a 404, and the errors of the check. */
  delete: (id: string, check: (event: RewardEvent) => void, auditOf: (event: RewardEvent) => Audit) => Promise<void>
  /**
   * Adds a reward to an event, or returns the reward that was added with this key. Also returns the event before it.
   * @param check throws if the reward cannot be added to the event. @throws {DomainError} 404, 422 if the key was used
   * with another body, and the errors of `check`.
   */
  addReward: (
    eventId: string,
    reward: Reward,
    check: (event: RewardEvent, reward: Reward) => void,
    audit: Audit,
    creation?: Creation
  ) => Promise<{ event: RewardEvent, reward: Reward, replayed: boolean }>
  readonly outbox: OutboxStore<EventDocument>
}

export function createEventStore (
  db: Db, audits: AuditStore<AuditTarget>, onUnreadable: OnUnreadable
): EventStore {
  const events = db.collection<EventDocument>('events')
  const settings = createSettingsStore(db)
  const oneAtATime = createKeyedMutex()

  async function read (id: string, session: ClientSession): Promise<EventDocument> {
    const found = await events.findOne({ _id: id }, { session, ...timeLimit })
    if (found === null) throw eventNotFound()
    return found
  }

  /** Returns the event that an earlier request with this key created. */
  async function findCreated ({ key, fingerprint }: Creation): Promise<RewardEvent> {
    const first = await events.findOne({ creationKey: key }, timeLimit)
    // A majority may not have acknowledged the other write yet.
    if (first === null) throw sameRequestInProgress()
    checkSameBody(first.creationFingerprint, fingerprint)
    return toEvent(first)
  }

  return {
    find: coalesce(async id => {
      const found = await events.findOne({ _id: id }, timeLimit)
      return found === null ? null : toEvent(found)
    }),
    async findMany (ids) {
      const found = await events.find({ _id: { $in: [...ids] } }, timeLimit).toArray()
      return new Map(found.map(row => [row._id, isolate(() => toEvent(row))]))
    },
    ...createEventWatch(events),
    outbox: createOutboxStore(events, ({ _id }) => ({ _id })),
    readBatch: createReadBatch(events),
    async groupsOf (ids) {
      if (ids.length === 0) return new Map()
      const options = { projection: { group: 1 }, ...timeLimit }
      const found = await events.find({ _id: { $in: [...ids] } }, options).toArray()
      return new Map(found.flatMap(({ _id, group }) => typeof group === 'string' ? [[_id, group] as const] : []))
    },
    async insert (event, audit, creation) {
      try {
        await inTransaction(db, async session => {
          const entry = eventEntry(null, event, (await settings.read(session)).wantedTypes)
          await events.insertOne(newEventRow(event, creation, entry), { session, ...timeLimit })
          await audits.insert(audit, session)
        })
        return { event, replayed: false }
      } catch (error) {
        if (creation === undefined || !isDuplicateKeyError(error)) throw error
        return { event: await findCreated(creation), replayed: true }
      }
    },
    async list ({ status, phase, claimable = false, text, group, now }, query) {
      const filter: Filter<EventDocument> = {
        _id: { $ne: settingsId },
        ...(status === undefined ? {} : { status }),
        ...(group === undefined ? {} : { group }),
        ...phaseFilter(phase, now),
        ...(claimable ? claimableFilter(now) : {}),
        ...(text === undefined ? {} : { name: { $regex: searchPattern(text), $options: 'i' } })
      }
      const page = group === undefined
        ? await findPage(events, filter, query)
        : await findRankedPage(events, filter, { ...query, order: query.order ?? 'asc' }, 'position')
      return { data: readRows(page.data, toEvent, onUnreadable), nextCursor: page.nextCursor }
    },
    update: async (id, rule, auditOf) => await oneAtATime(id, async () => await inTransaction(db, async session => {
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
    delete: async (id, check, auditOf) => await oneAtATime(id, async () => await inTransaction(db, async session => {
      const event = toEvent(await read(id, session))
      check(event)
      await events.deleteOne({ _id: id, version: event.version }, { session, ...timeLimit })
      await audits.insert(auditOf(event), session)
    })),
    addReward: async (eventId, reward, check, audit, creation) => await oneAtATime(eventId, async () =>
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
          $push: { rewards: newRewardRow(reward, creation) },
          $inc: { version: 1 },
          $set: { updatedAt: audit.at }
        }
        await events.updateOne({ _id: eventId, version: stored.version }, change, { session, ...timeLimit })
        await audits.insert(audit, session)
        return { event, reward, replayed: false }
      }))
  }
}

function phaseFilter (phase: EventFilter['phase'], now: Date): Filter<EventDocument> {
  switch (phase) {
    case 'SCHEDULED': return { startsAt: { $gt: now } }
    case 'RUNNING': return { startsAt: { $lte: now }, endsAt: { $gt: now } }
    case 'ENDED': return { endsAt: { $lte: now } }
    case undefined: return {}
  }
}

function claimableFilter (now: Date): Filter<EventDocument> {
  return { startsAt: { $lte: now }, $or: [{ claimUntil: { $gt: now } }, { claimUntil: null, endsAt: { $gt: now } }] }
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
