import type { EventSummary } from '@laurel/shared/contracts'
import { DomainError } from '@laurel/shared/errors'
import { timeLimit, findPage, inTransaction, isDuplicateKeyError, type AuditStore, type ListQuery, type PageOf } from '@laurel/shared/mongo'
import type { ClientSession, Db, Filter } from 'mongodb'
import type { Audit, AuditTarget } from '../domain/audit.ts'
import { eventNotFound, type RewardEvent } from '../domain/event.ts'
import { checkRewardCanBeAdded, type Reward } from '../domain/reward.ts'
import { createSharedRead } from '../shared-read.ts'
import { createTurns } from '../turns.ts'

/** What makes the second of two equal requests known: the caller's key and what the body was. */
export interface Creation {
  readonly key: string
  readonly fingerprint: string
}

interface StoredReward extends Omit<Reward, 'stock'> {
  /** Absent: without limit. */
  readonly stock?: number | null
  readonly creationKey?: string
  readonly creationFingerprint?: string
}

interface EventDocument extends Omit<RewardEvent, 'id' | 'rewards'> {
  _id: string
  rewards: StoredReward[]
  creationKey?: string
  creationFingerprint?: string
}

export interface EventFilter {
  readonly status?: EventSummary['status']
  readonly phase?: EventSummary['phase']
  /** A part of the name, in any case. */
  readonly text?: string
  readonly now: Date
}

/** Every change writes its audit row in the same transaction. */
export interface EventStore {
  /** @throws {DomainError} 422 where the key was used for another body. @returns the first event of this key. */
  insert: (event: RewardEvent, audit: Audit, creation?: Creation) => Promise<{ event: RewardEvent, replayed: boolean }>
  find: (id: string) => Promise<RewardEvent | null>
  /** Those of these ids that are there. */
  findMany: (ids: readonly string[]) => Promise<Map<string, RewardEvent>>
  list: (filter: EventFilter, query: ListQuery) => Promise<PageOf<RewardEvent>>
  /**
   * Changes an event by a pure rule; the rule is asked again where somebody else was faster.
   * @param rule the same object back means: no change, and nothing to audit; rewards keep their number and order.
   * @param auditOf absent where the change follows from one that was audited.
   * @throws {DomainError} 404, and what the rule throws.
   */
  update: (id: string, rule: (event: RewardEvent) => RewardEvent, auditOf?: (before: RewardEvent, after: RewardEvent) => Audit) => Promise<RewardEvent>
  /** @throws {DomainError} 404 · 409 `EVENT_FROZEN`, `TOO_MANY_REWARDS` · 422 where the key was used for another body. */
  addReward: (eventId: string, reward: Reward, audit: Audit, creation?: Creation) => Promise<{ reward: Reward, replayed: boolean }>
}

function toReward ({ creationKey, creationFingerprint, stock = null, ...reward }: StoredReward): Reward {
  return { ...reward, stock }
}

function toEvent ({ _id, creationKey, creationFingerprint, rewards, ...rest }: EventDocument): RewardEvent {
  return { id: _id, ...rest, rewards: rewards.map(toReward) }
}

function creationFields (creation: Creation | undefined): { creationKey?: string, creationFingerprint?: string } {
  return creation === undefined ? {} : { creationKey: creation.key, creationFingerprint: creation.fingerprint }
}

function phaseFilter (phase: EventFilter['phase'], now: Date): Filter<EventDocument> {
  switch (phase) {
    case 'SCHEDULED': return { startsAt: { $gt: now } }
    case 'RUNNING': return { startsAt: { $lte: now }, endsAt: { $gt: now } }
    case 'ENDED': return { endsAt: { $lte: now } }
    case undefined: return {}
  }
}

function escapeRegExp (text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')
}

function checkSameBody (stored: string | undefined, creation: Creation): void {
  if (stored === creation.fingerprint) return
  throw new DomainError('unprocessable', 'IDEMPOTENCY_KEY_REUSED', 'This Idempotency-Key was used for another request')
}

export function createEventStore (db: Db, audits: AuditStore<AuditTarget>): EventStore {
  const events = db.collection<EventDocument>('events')
  const turns = createTurns()

  async function read (id: string, session: ClientSession): Promise<EventDocument> {
    const found = await events.findOne({ _id: id }, { session, ...timeLimit })
    if (found === null) throw eventNotFound()
    return found
  }

  return {
    find: createSharedRead(async id => {
      const found = await events.findOne({ _id: id }, timeLimit)
      return found === null ? null : toEvent(found)
    }),
    async findMany (ids) {
      const found = await events.find({ _id: { $in: [...ids] } }, timeLimit).toArray()
      return new Map(found.map(event => [event._id, toEvent(event)]))
    },
    async insert (event, audit, creation) {
      const { id, rewards, ...rest } = event
      try {
        await inTransaction(db, async session => {
          await events.insertOne({ _id: id, ...rest, rewards: [...rewards], ...creationFields(creation) }, { session, ...timeLimit })
          await audits.insert(audit, session)
        })
        return { event, replayed: false }
      } catch (error) {
        if (creation === undefined || !isDuplicateKeyError(error)) throw error
        const first = await events.findOne({ creationKey: creation.key }, timeLimit)
        // The winner's write may not be majority-committed yet.
        if (first === null) throw new DomainError('unavailable', 'SERVICE_UNAVAILABLE', 'The same request is being answered', { retryAfter: 1 })
        checkSameBody(first.creationFingerprint, creation)
        return { event: toEvent(first), replayed: true }
      }
    },
    async list ({ status, phase, text, now }, query) {
      const filter: Filter<EventDocument> = {
        ...(status === undefined ? {} : { status }),
        ...phaseFilter(phase, now),
        ...(text === undefined ? {} : { name: { $regex: escapeRegExp(text), $options: 'i' } })
      }
      const page = await findPage(events, JSON.stringify(['events', status, phase, text]), filter, query)
      return { data: page.data.map(toEvent), nextCursor: page.nextCursor }
    },
    update: async (id, rule, auditOf) => await turns(id, async () => await inTransaction(db, async session => {
      const stored = await read(id, session)
      const event = toEvent(stored)
      const changed = rule(event)
      if (changed === event) return event
      const { id: _, rewards: changedRewards, ...plain } = changed
      const fields = { ...plain, rewards: changedRewards.map((reward, index) => ({ ...stored.rewards[index], ...reward })) }
      // Two who change one event at once: the server stops the later one, and the rule is asked again.
      await events.updateOne({ _id: id, version: event.version }, { $set: fields }, { session, ...timeLimit })
      if (auditOf !== undefined) await audits.insert(auditOf(event, changed), session)
      return changed
    })),
    addReward: async (eventId, reward, audit, creation) => await turns(eventId, async () => await inTransaction(db, async session => {
      const event = await read(eventId, session)
      const first = event.rewards.find(({ creationKey }) => creation !== undefined && creationKey === creation.key)
      if (first !== undefined && creation !== undefined) {
        checkSameBody(first.creationFingerprint, creation)
        return { reward: toReward(first), replayed: true }
      }
      checkRewardCanBeAdded(toEvent(event))
      await events.updateOne(
        { _id: eventId, version: event.version },
        { $push: { rewards: { ...reward, ...creationFields(creation) } }, $inc: { version: 1 }, $set: { updatedAt: audit.at } },
        { session, ...timeLimit }
      )
      await audits.insert(audit, session)
      return { reward, replayed: false }
    }))
  }
}
