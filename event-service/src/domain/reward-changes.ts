import type { RewardPatch } from '@laurel/shared/contracts'
import { DomainError, invalidField } from '@laurel/shared/errors'
import { checkEventAttributes } from './attributes.ts'
import { eventFrozen, type RewardEvent } from './event.ts'
import { rewardOf, type Reward } from './reward.ts'
import { rewardTypes } from './reward-types.ts'
import { checkStockPer } from './stock-per.ts'

/** The maximum number of rewards of an event. The event and each of its claims contain all of them. */
const maxRewards = 20

/**
 * Checks that a reward can be added to an event.
 * Throws 409 `EVENT_FROZEN` or `TOO_MANY_REWARDS`. Throws a 400 if the attributes of the event would be too large, or
 * if the reward is a COUPON and the event has stock per period.
 */
export function checkRewardCanBeAdded ({ activatedAt, rewards, stockPer }: RewardEvent, added: Reward): void {
  if (activatedAt !== null) throw eventFrozen('You cannot add rewards')
  if (rewards.length >= maxRewards) {
    throw new DomainError('conflict', 'TOO_MANY_REWARDS', `An event can have at most ${maxRewards} rewards.`)
  }
  checkStockPer({ stockPer, rewards: [added] }, '/type')
  checkEventAttributes(rewards, added.attributes, '')
}

/**
 * Returns the event with one reward changed, or the same object if nothing changes.
 * Throws a 404, 400 for the stock of a COUPON, or 409 `EVENT_FROZEN`: once the event has been ACTIVE, stock only grows.
 */
export function patchReward (event: RewardEvent, rewardId: string, patch: RewardPatch, now: Date): RewardEvent {
  const reward = rewardOf(event, rewardId)
  const { name = reward.name, stock = reward.stock } = patch
  if (name === reward.name && stock === reward.stock) return event
  if (stock !== reward.stock) checkStock(event, reward, stock)
  return withReward(event, { ...reward, name, stock }, now)
}

function checkStock ({ activatedAt }: RewardEvent, reward: Reward, stock: number | null): void {
  if (rewardTypes[reward.type].hasCodes) throw invalidField('/stock', 'cannot be set for a COUPON')
  if (activatedAt === null) return
  if (stock === null || reward.stock === null || stock < reward.stock) throw eventFrozen('stock can only be raised')
}

/** Returns the event after codes were added to a pool. The stock never decreases, even with concurrent writers. */
export function raiseStock (event: RewardEvent, rewardId: string, codes: number, now: Date): RewardEvent {
  const reward = rewardOf(event, rewardId)
  return codes <= Number(reward.stock) ? event : withReward(event, { ...reward, stock: codes }, now)
}

/** Returns the event without a reward. Throws a 404, or 409 `EVENT_FROZEN`. */
export function removeReward (event: RewardEvent, rewardId: string, now: Date): RewardEvent {
  const removed = rewardOf(event, rewardId)
  if (event.activatedAt !== null) throw eventFrozen('You cannot delete rewards')
  const rewards = event.rewards.filter(reward => reward !== removed)
  return { ...event, rewards, version: event.version + 1, updatedAt: now }
}

function withReward (event: RewardEvent, changed: Reward, now: Date): RewardEvent {
  const rewards = event.rewards.map(reward => reward.rewardId === changed.rewardId ? changed : reward)
  return { ...event, rewards, version: event.version + 1, updatedAt: now }
}
