import type { GrantedReward, Wallet } from '@laurel/shared/contracts'

/** What a user owns: the sum of all rewards of their standing grants, in a stable order. A pure projection. */
export function walletOf (userId: string, grants: ReadonlyArray<readonly GrantedReward[]>): Wallet {
  let points = 0
  const currencies = new Map<string, number>()
  const items = new Map<string, number>()
  for (const { type, amount, currency = '', itemId = '' } of grants.flat()) {
    if (type === 'POINT') points += amount
    if (type === 'CURRENCY') currencies.set(currency, (currencies.get(currency) ?? 0) + amount)
    if (type === 'ITEM') items.set(itemId, (items.get(itemId) ?? 0) + amount)
  }
  return {
    userId,
    points,
    currencies: sortedEntries(currencies).map(([currency, amount]) => ({ currency, amount })),
    items: sortedEntries(items).map(([itemId, quantity]) => ({ itemId, quantity }))
  }
}

function sortedEntries (amounts: ReadonlyMap<string, number>): Array<[string, number]> {
  return [...amounts].sort(([a], [b]) => a < b ? -1 : 1)
}
