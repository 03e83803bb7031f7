import type { ClaimStatus, EventStats } from '@laurel/shared/contracts'
import { statusesCountedAs } from './claim-status.ts'
import type { RewardEvent } from './event.ts'
import type { GrantsByDay } from './grants-by-day.ts'
import type { Reward } from './reward.ts'

/** How many units of each reward of an event are granted, and how many pending claims hold. */
export interface UnitCounts {
  readonly granted: number
  readonly held: number
}

/** The numbers of claims of an event. */
export interface CountedClaims {
  readonly byStatus: Readonly<Record<ClaimStatus, number>>
  readonly days: GrantsByDay
}

/** Returns how many times a reward can still be granted, or `null` if its stock is unlimited. */
export function remainingOf ({ stock }: Pick<Reward, 'stock'>, { granted, held }: UnitCounts): number | null {
  return stock === null ? null : Math.max(0, stock - granted - held)
}

/**
 * Returns the numbers of an event: claims by status, units of each reward, and grants by day.
 * @param ofPeriod the units of the current period, if the stock of the event is per period.
 */
export function statsOf (
  event: RewardEvent, { byStatus: claims, days }: CountedClaims, ofPeriod?: UnitCounts
): Omit<EventStats, 'asOf'> {
  const countUnits = (kind: 'granted' | 'held'): number =>
    statusesCountedAs(kind).reduce((sum, status) => sum + claims[status], 0)
  const { granted, held } = ofPeriod ?? { granted: countUnits('granted'), held: countUnits('held') }
  const units = { granted, held }
  return {
    eventId: event.id,
    claims,
    rewards: event.rewards.map(reward => ({
      rewardId: reward.rewardId, ...units, remaining: remainingOf(reward, units)
    })),
    days: [...days]
      .sort(([a], [b]) => a < b ? -1 : 1)
      .map(([date, granted]) => ({ date, granted }))
  }
}
