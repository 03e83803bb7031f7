import type { GrantedReward, NewReward } from '@laurel/shared/contracts'
import { newId } from '@laurel/shared/id'

/** A reward of an event. Each claim of the event grants it once. */
export interface Reward extends Omit<GrantedReward, 'couponCode'> {
  /** How many times it can be granted. `null` means without limit. The stock of a COUPON is the size of its pool. */
  readonly stock: number | null
}

export function newReward (input: NewReward): Reward {
  const { attributes = {} } = input
  const rewardId = newId()
  return input.type === 'COUPON'
    ? { rewardId, ...input, amount: 1, attributes, stock: 0 }
    : { rewardId, ...input, attributes, stock: input.stock ?? null }
}

/**
 * Returns how many claims of an event can be granted.
 * A claim uses one unit of each reward, so the smallest stock decides. Returns `undefined` if nothing is limited.
 */
export function capacityOf ({ rewards }: { readonly rewards: readonly Reward[] }): number | undefined {
  const stocks = rewards.flatMap(({ stock }) => stock ?? [])
  return stocks.length === 0 ? undefined : Math.min(...stocks)
}

/** Returns the copy of a reward that a claim carries. */
export function toGrant ({ stock, ...reward }: Reward): GrantedReward {
  return reward
}
