import type { GrantedReward, NewReward } from '@laurel/shared/contracts'
import { DomainError } from '@laurel/shared/errors'
import { newId } from '@laurel/shared/id'
import { checkAttributes, checkEventAttributes } from './attributes.ts'
import { rewardTypes } from './reward-types.ts'

/** A reward of an event. Each claim of the event grants it once. */
export interface Reward extends Omit<GrantedReward, 'couponCode'> {
  /** How many times it can be granted. `null` means unlimited. The stock of a COUPON is the size of its pool. */
  readonly stock: number | null
}

interface WithRewards {
  readonly rewards: readonly Reward[]
}

/**
 * Returns a new reward. Throws a 400 if its attributes are too large.
 * @param pointer the JSON Pointer of the reward in the body.
 */
export function newReward (input: NewReward, pointer = ''): Reward {
  const { attributes = {} } = input
  checkAttributes(attributes, pointer)
  const rewardId = newId()
  return input.type === 'COUPON'
    ? { rewardId, ...input, amount: 1, attributes, stock: 0 }
    : { rewardId, ...input, attributes, stock: input.stock ?? null }
}

/** Returns a reward of an event. Throws a 404. */
export function rewardOf ({ rewards }: WithRewards, rewardId: string): Reward {
  const reward = rewards.find(reward => reward.rewardId === rewardId)
  if (reward === undefined) throw new DomainError('not-found', 'REWARD_NOT_FOUND', 'There is no reward with this id.')
  return reward
}

/** Returns a reward of an event that grants coupon codes. Throws a 404 or 409 `NOT_A_COUPON`. */
export function couponOf (event: WithRewards, rewardId: string): Reward {
  const reward = rewardOf(event, rewardId)
  if (!rewardTypes[reward.type].hasCodes) {
    throw new DomainError('conflict', 'NOT_A_COUPON', `Only a COUPON has codes; this reward is a ${reward.type}.`)
  }
  return reward
}

/**
 * Returns how many claims of an event can be granted. A claim uses one unit of each reward, so the result is the
 * smallest stock. Returns `undefined` if no reward is limited.
 */
export function capacityOf ({ rewards }: WithRewards): number | undefined {
  const stocks = rewards.flatMap(({ stock }) => stock ?? [])
  return stocks.length === 0 ? undefined : Math.min(...stocks)
}

/** Returns a reward of another event with the same properties. The pool of a COUPON is not copied. */
export function cloneReward (reward: Reward): Reward {
  return { ...reward, rewardId: newId(), stock: rewardTypes[reward.type].hasCodes ? 0 : reward.stock }
}

/** Returns the rewards of a new event. Throws a 400 if their attributes are too large. */
export function newRewards (inputs: readonly NewReward[]): Reward[] {
  const rewards: Reward[] = []
  for (const [index, input] of inputs.entries()) {
    const pointer = `/rewards/${index}`
    const reward = newReward(input, pointer)
    checkEventAttributes(rewards, reward.attributes, pointer)
    rewards.push(reward)
  }
  return rewards
}

/** Returns the copy of a reward that a claim contains. */
export function toGrant ({ stock, ...reward }: Reward): GrantedReward {
  return reward
}
