import type { GrantedReward } from '@laurel/shared/contracts'

/** The sums of a wallet while it is computed. */
export interface Totals {
  points: number
  /** Amounts by currency. */
  readonly currencies: Map<string, number>
  /** Quantities by item. */
  readonly items: Map<string, number>
}

/** Everything that depends on the type of a reward. */
interface RewardTypeRules {
  /** Whether each grant uses a code of a pool, so that the stock follows the pool. */
  readonly hasCodes: boolean
  /** Adds a grant to the wallet of its user. */
  readonly credit: (totals: Totals, reward: GrantedReward) => void
}

function addTo (amounts: Map<string, number>, key: string, amount: number): void {
  amounts.set(key, (amounts.get(key) ?? 0) + amount)
}

/** One entry for each type of the contract. */
export const rewardTypes: Readonly<Record<GrantedReward['type'], RewardTypeRules>> = {
  POINT: {
    hasCodes: false,
    credit (totals, { amount }) { totals.points += amount }
  },
  CURRENCY: {
    hasCodes: false,
    credit ({ currencies }, { currency = '', amount }) { addTo(currencies, currency, amount) }
  },
  ITEM: {
    hasCodes: false,
    credit ({ items }, { itemId = '', amount }) { addTo(items, itemId, amount) }
  },
  COUPON: {
    hasCodes: true,
    credit () {}
  }
}
