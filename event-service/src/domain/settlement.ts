import type { ClaimStatus, Stats } from '@laurel/shared/contracts'
import { allStatuses } from './claim-status.ts'
import type { RewardEvent } from './event.ts'

/**
 * Returns the totals of an event. They can be computed from the number of grants, because every grant contains all
 * rewards of its event, and the rewards are frozen once the event has been ACTIVE.
 */
export function settlementOf (event: RewardEvent, byStatus: ReadonlyMap<ClaimStatus, number>): Stats['data'][number] {
  const counts = allStatuses.map(status => [status, byStatus.get(status) ?? 0])
  const claims = Object.fromEntries(counts) as Stats['data'][number]['claims']
  const units = claims.GRANTED
  return {
    eventId: event.id,
    name: event.name,
    claims,
    rewards: event.rewards.map(({ rewardId, type, name, currency, itemId, amount }) => ({
      rewardId,
      type,
      name,
      ...(currency === undefined ? {} : { currency }),
      ...(itemId === undefined ? {} : { itemId }),
      units,
      amount: units * amount
    }))
  }
}
