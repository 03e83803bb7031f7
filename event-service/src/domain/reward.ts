import type { GrantedReward, NewReward } from '@laurel/shared/contracts'
import { DomainError } from '@laurel/shared/errors'
import { eventFrozen, type RewardEvent } from './event.ts'
import { newId } from './id.ts'

/** What a claim of the event grants, once a claim. */
export type Reward = GrantedReward

/** Rewards an event can have: they travel with the event and with each of its claims. */
export const maxRewards = 20

export function newReward ({ stock, attributes = {}, ...given }: NewReward): Reward {
  return { rewardId: newId(), ...given, attributes }
}

/** Whether an event takes another reward. @throws {DomainError} 409 `EVENT_FROZEN`, `TOO_MANY_REWARDS`. */
export function checkAddable ({ activatedAt, rewards }: RewardEvent): void {
  if (activatedAt !== null) throw eventFrozen('Rewards cannot be added')
  if (rewards.length >= maxRewards) throw new DomainError('conflict', 'TOO_MANY_REWARDS', `An event has at most ${maxRewards} rewards`)
}
