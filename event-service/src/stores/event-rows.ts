import type { RewardEvent } from '../domain/event.ts'
import type { Reward } from '../domain/reward.ts'

/** Identifies a request that creates something, so that its repetition creates nothing. */
export interface Creation {
  /** The caller's `Idempotency-Key`. */
  readonly key: string
  /** The fingerprint of the body. */
  readonly fingerprint: string
}

interface CreationFields {
  readonly creationKey?: string
  readonly creationFingerprint?: string
}

/** A reward as it is stored. */
export interface RewardRow extends Omit<Reward, 'stock'>, CreationFields {
  /** Absent or `null` if the reward has no limit. */
  readonly stock?: number | null
}

/** An event as it is stored. */
export interface EventDocument extends Omit<RewardEvent, 'id' | 'rewards'>, CreationFields {
  _id: string
  rewards: RewardRow[]
}

export function toReward ({ creationKey, creationFingerprint, stock = null, ...reward }: RewardRow): Reward {
  return { ...reward, stock }
}

/** What events that were created by an earlier version lack. */
const defaults = { dayStartsAt: '00:00', weekStartsOn: 'MONDAY' } as const

export function toEvent ({ _id, creationKey, creationFingerprint, rewards, ...fields }: EventDocument): RewardEvent {
  return { ...defaults, id: _id, ...fields, rewards: rewards.map(toReward) }
}

export function newEventRow ({ id, rewards, ...fields }: RewardEvent, creation: Creation | undefined): EventDocument {
  return { _id: id, ...fields, rewards: [...rewards], ...creationFields(creation) }
}

export function newRewardRow (reward: Reward, creation: Creation | undefined): RewardRow {
  return { ...reward, ...creationFields(creation) }
}

/** Returns the fields that a change of an event sets. Its rewards keep their number and their order. */
export function changedFields (
  stored: EventDocument, { id, rewards, ...fields }: RewardEvent
): Omit<EventDocument, '_id'> {
  return { ...fields, rewards: rewards.map((reward, index) => ({ ...stored.rewards[index], ...reward })) }
}

function creationFields (creation: Creation | undefined): CreationFields {
  return creation === undefined ? {} : { creationKey: creation.key, creationFingerprint: creation.fingerprint }
}
