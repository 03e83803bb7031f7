import { invalidField } from '@laurel/shared/errors'
import type { RewardEvent } from './event.ts'
import { periodAt } from './period.ts'
import { rewardTypes } from './reward-types.ts'

/** Checks that an event with stock per period has no pool, because each code is granted only once. Throws a 400. */
export function checkStockPer (
  { stockPer, rewards }: Pick<RewardEvent, 'stockPer' | 'rewards'>, pointer = '/stockPer'
): void {
  if (stockPer === 'PERIOD' && rewards.some(({ type }) => rewardTypes[type].hasCodes)) {
    throw invalidField(pointer, 'an event whose stockPer is PERIOD cannot have a COUPON')
  }
}

/** Returns the claim period whose stock a claim uses. `undefined` means the stock of the whole event. */
export function stockPeriodOf ({ stockPer }: Pick<RewardEvent, 'stockPer'>, period: string): string | undefined {
  return stockPer === 'PERIOD' ? period : undefined
}

/** Returns the claim period whose stock is granted at an instant. */
export function stockPeriodAt (event: RewardEvent, now: Date): string | undefined {
  return event.stockPer === 'PERIOD' ? periodAt(event, now).name : undefined
}
