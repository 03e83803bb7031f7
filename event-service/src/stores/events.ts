import type { EventSummary } from '@laurel/shared/contracts'
import { DomainError } from '@laurel/shared/errors'
import { bounded, findPage, isDuplicateKey, type ListQuery, type PageOf } from '@laurel/shared/mongo'
import type { Db, Filter } from 'mongodb'
import { eventFrozen, eventNotFound, type RewardEvent } from '../domain/event.ts'
import { maxRewards, type Reward } from '../domain/reward.ts'

/** What makes the second of two equal requests known: the caller's key and what the body was. */
export interface Creation {
  readonly key: string
  readonly fingerprint: string
}

interface StoredReward extends Reward {
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

export interface EventStore {
  /** @throws {DomainError} 422 where the key was used for another body. @returns the first event of this key. */
  insert: (event: RewardEvent, creation?: Creation) => Promise<{ event: RewardEvent, replayed: boolean }>
  find: (id: string) => Promise<RewardEvent | null>
  list: (filter: EventFilter, query: ListQuery) => Promise<PageOf<RewardEvent>>
  /**
   * Changes an event by a pure rule; the rule is asked again where somebody else was faster.
   * @param rule the same object back means: no change.
   * @throws {DomainError} 404, and what the rule throws.
   */
  update: (id: string, rule: (event: RewardEvent) => RewardEvent) => Promise<RewardEvent>
  /** @throws {DomainError} 404 · 409 `EVENT_FROZEN`, `TOO_MANY_REWARDS` · 422 where the key was used for another body. */
  addReward: (eventId: string, reward: Reward, now: Date, creation?: Creation) => Promise<{ reward: Reward, replayed: boolean }>
}

function toReward ({ creationKey, creationFingerprint, ...reward }: StoredReward): Reward {
  return reward
}

function toEvent ({ _id, creationKey, creationFingerprint, rewards, ...rest }: EventDocument): RewardEvent {
  return { id: _id, ...rest, rewards: rewards.map(toReward) }
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

export function createEventStore (db: Db): EventStore {
  const events = db.collection<EventDocument>('events')
  const find = async (id: string): Promise<RewardEvent | null> => {
    const found = await events.findOne({ _id: id }, bounded)
    return found === null ? null : toEvent(found)
  }

  return {
    find,
    async insert (event, creation) {
      const { id, rewards, ...rest } = event
      try {
        await events.insertOne({
          _id: id,
          ...rest,
          rewards: [...rewards],
          ...(creation === undefined ? {} : { creationKey: creation.key, creationFingerprint: creation.fingerprint })
        }, bounded)
        return { event, replayed: false }
      } catch (error) {
        if (creation === undefined || !isDuplicateKey(error)) throw error
        const first = await events.findOne({ creationKey: creation.key }, bounded)
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
    async update (id, rule) {
      while (true) {
        const event = await find(id)
        if (event === null) throw eventNotFound()
        const changed = rule(event)
        if (changed === event) return event
        const { id: _, rewards: __, ...fields } = changed
        // The version stands for every precondition that the rule has looked at.
        const { matchedCount } = await events.updateOne({ _id: id, version: event.version }, { $set: fields }, bounded)
        if (matchedCount === 1) return changed
      }
    },
    async addReward (eventId, reward, now, creation) {
      const stored: StoredReward = creation === undefined
        ? reward
        : { ...reward, creationKey: creation.key, creationFingerprint: creation.fingerprint }
      const { matchedCount } = await events.updateOne(
        {
          _id: eventId,
          activatedAt: null,
          [`rewards.${maxRewards - 1}`]: { $exists: false },
          ...(creation === undefined ? {} : { 'rewards.creationKey': { $ne: creation.key } })
        },
        { $push: { rewards: stored }, $inc: { version: 1 }, $set: { updatedAt: now } },
        bounded
      )
      if (matchedCount === 1) return { reward, replayed: false }

      const event = await events.findOne({ _id: eventId }, bounded)
      if (event === null) throw eventNotFound()
      const first = event.rewards.find(({ creationKey }) => creation !== undefined && creationKey === creation.key)
      if (first !== undefined && creation !== undefined) {
        checkSameBody(first.creationFingerprint, creation)
        return { reward: toReward(first), replayed: true }
      }
      if (event.activatedAt !== null) throw eventFrozen('Rewards cannot be added')
      throw new DomainError('conflict', 'TOO_MANY_REWARDS', `An event has at most ${maxRewards} rewards`)
    }
  }
}
