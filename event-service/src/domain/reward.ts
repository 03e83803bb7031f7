import type { GrantedReward, NewReward } from '@laurel/shared/contracts'
import { newId } from './id.ts'

/** What a claim of the event grants, once a claim. */
export type Reward = GrantedReward

/** Rewards an event can have: they travel with the event and with each of its claims. */
export const maxRewards = 20

export function newReward ({ stock, attributes = {}, ...given }: NewReward): Reward {
  return { rewardId: newId(), ...given, attributes }
}
