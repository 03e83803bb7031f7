import type { RewardPatch } from '@laurel/shared/contracts'
import { DomainError, invalidField } from '@laurel/shared/errors'
import { checkEventAttributes } from './attributes.ts'
import { eventFrozen, type RewardEvent } from './event.ts'
import type { Reward } from './reward-definition.ts'
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

/** Returns a reward of an event. Throws a 404. */
export function rewardOf ({ rewards }: RewardEvent, rewardId: string): Reward {
  const reward = rewards.find(reward => reward.rewardId === rewardId)
  if (reward === undefined) throw new DomainError('not-found', 'REWARD_NOT_FOUND', 'There is no such reward.')
  return reward
}

/** Returns a reward of an event that grants coupon codes. Throws a 404 or 409 `NOT_A_COUPON`. */
export function couponOf (event: RewardEvent, rewardId: string): Reward {
  const reward = rewardOf(event, rewardId)
  if (!rewardTypes[reward.type].hasCodes) {
    throw new DomainError('conflict', 'NOT_A_COUPON', `Only a COUPON has codes; this reward is a ${reward.type}.`)
  }
  return reward
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

function withReward (event: RewardEvent, changed: Reward, now: Date): RewardEvent {
  const rewards = event.rewards.map(reward => reward.rewardId === changed.rewardId ? changed : reward)
  return { ...event, rewards, version: event.version + 1, updatedAt: now }
}
