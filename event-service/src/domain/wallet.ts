import type { GrantedReward, Wallet } from '@laurel/shared/contracts'
import { rewardTypes, type Totals } from './reward-types.ts'

/** Returns what a user owns: the sum of the rewards of all grants that are not revoked, ordered by name. */
export function walletOf (userId: string, grants: ReadonlyArray<readonly GrantedReward[]>): Wallet {
  const totals: Totals = { points: 0, currencies: new Map(), items: new Map() }
  for (const reward of grants.flat()) rewardTypes[reward.type].credit(totals, reward)
  return {
    userId,
    points: totals.points,
    currencies: sortedEntries(totals.currencies).map(([currency, amount]) => ({ currency, amount })),
    items: sortedEntries(totals.items).map(([itemId, quantity]) => ({ itemId, quantity }))
  }
}

function sortedEntries (amounts: ReadonlyMap<string, number>): Array<[string, number]> {
  return [...amounts].sort(([a], [b]) => a < b ? -1 : 1)
}
