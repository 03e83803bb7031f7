import type { ClaimStatus, Stats } from '@laurel/shared/contracts'
import { claimStatuses } from './claim-status.ts'
import type { RewardEvent } from './event.ts'

/**
 * Returns what an event has granted.
 * The number of grants is enough to compute it: every grant has all rewards of its event, and these are frozen once the
 * event has been ACTIVE.
 */
export function settlementOf (event: RewardEvent, byStatus: ReadonlyMap<ClaimStatus, number>): Stats['data'][number] {
  const statuses = Object.keys(claimStatuses) as ClaimStatus[]
  const counts = statuses.map(status => [status, byStatus.get(status) ?? 0])
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
