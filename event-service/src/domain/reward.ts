import type { GrantedReward, NewReward, RewardPatch } from '@laurel/shared/contracts'
import { DomainError, invalidField } from '@laurel/shared/errors'
import { newId } from '@laurel/shared/id'
import { eventFrozen, type RewardEvent } from './event.ts'

/** What a claim of the event grants, once a claim. */
export interface Reward extends Omit<GrantedReward, 'couponCode'> {
  /** How many times it can be granted; null: without limit. Of a COUPON: how many codes its pool has. */
  readonly stock: number | null
}

/** Rewards an event can have: they travel with the event and with each of its claims. */
export const maxRewards = 20

export function newReward (given: NewReward): Reward {
  const { attributes = {} } = given
  const rewardId = newId()
  return given.type === 'COUPON'
    ? { rewardId, ...given, amount: 1, attributes, stock: 0 }
    : { rewardId, ...given, attributes, stock: given.stock ?? null }
}

/** Whether an event takes another reward. @throws {DomainError} 409 `EVENT_FROZEN`, `TOO_MANY_REWARDS`. */
export function checkAddable ({ activatedAt, rewards }: RewardEvent): void {
  if (activatedAt !== null) throw eventFrozen('Rewards cannot be added')
  if (rewards.length >= maxRewards) throw new DomainError('conflict', 'TOO_MANY_REWARDS', `An event has at most ${maxRewards} rewards`)
}

/** @throws {DomainError} 404. */
export function rewardOf ({ rewards }: RewardEvent, rewardId: string): Reward {
  const reward = rewards.find(reward => reward.rewardId === rewardId)
  if (reward === undefined) throw new DomainError('not-found', 'REWARD_NOT_FOUND', 'There is no such reward')
  return reward
}

/** @throws {DomainError} 404 · 409 `NOT_A_COUPON`. */
export function couponOf (event: RewardEvent, rewardId: string): Reward {
  const reward = rewardOf(event, rewardId)
  if (reward.type !== 'COUPON') throw new DomainError('conflict', 'NOT_A_COUPON', `This reward is a ${reward.type}: only a COUPON has codes`)
  return reward
}

/**
 * The event with one reward changed; the same object where nothing changes.
 * @throws {DomainError} 404 · 400 for the stock of a COUPON · 409 `EVENT_FROZEN` where less would be left than was promised.
 */
export function patchReward (event: RewardEvent, rewardId: string, patch: RewardPatch, now: Date): RewardEvent {
  const reward = rewardOf(event, rewardId)
  const { name = reward.name, stock = reward.stock } = patch
  if (name === reward.name && stock === reward.stock) return event
  if (stock !== reward.stock) {
    if (reward.type === 'COUPON') throw invalidField('/stock', 'follows the codes of a COUPON')
    if (event.activatedAt !== null && (stock === null || reward.stock === null || stock < reward.stock)) throw eventFrozen('stock can only be raised')
  }
  return withReward(event, { ...reward, name, stock }, now)
}

/** The event after codes came into a pool: its stock only grows, whoever of two tells it last. */
export function raiseStock (event: RewardEvent, rewardId: string, codes: number, now: Date): RewardEvent {
  const reward = rewardOf(event, rewardId)
  return codes <= Number(reward.stock) ? event : withReward(event, { ...reward, stock: codes }, now)
}

function withReward (event: RewardEvent, changed: Reward, now: Date): RewardEvent {
  const rewards = event.rewards.map(reward => reward.rewardId === changed.rewardId ? changed : reward)
  return { ...event, rewards, version: event.version + 1, updatedAt: now }
}

/**
 * How many claims of an event can be granted: a claim takes one unit of each reward, so the smallest stock decides.
 * Undefined where nothing is limited.
 */
export function capacityOf ({ rewards }: Pick<RewardEvent, 'rewards'>): number | undefined {
  const limits = rewards.flatMap(({ stock }) => stock ?? [])
  return limits.length === 0 ? undefined : Math.min(...limits)
}

/** What a claim carries of a reward. */
export function toGrant ({ stock, ...reward }: Reward): GrantedReward {
  return reward
}
