import type { GrantedReward } from '@laurel/shared/contracts'
import t from 'tap'
import { walletOf } from '../../../src/domain/wallet.ts'

const reward = (given: Partial<GrantedReward>): GrantedReward => ({
  rewardId: 'r',
  type: 'POINT',
  name: 'A reward',
  amount: 1,
  attributes: {},
  ...given
})

t.test('a wallet is the sum of all grants by type, ordered by name', async t => {
  const grants = [
    [
      reward({ amount: 500 }),
      reward({ type: 'ITEM', itemId: 'sword', amount: 1 }),
      reward({ type: 'CURRENCY', currency: 'GOLD', amount: 7 })
    ],
    [reward({ type: 'ITEM', itemId: 'apple', amount: 3 }), reward({ type: 'CURRENCY', currency: 'GEM', amount: 2 })],
    [
      reward({ amount: 20 }),
      reward({ type: 'ITEM', itemId: 'sword', amount: 2 }),
      reward({ type: 'CURRENCY', currency: 'GOLD', amount: 1_000_000_000 })
    ]
  ]
  const wallet = {
    userId: 'somebody',
    points: 520,
    currencies: [{ currency: 'GEM', amount: 2 }, { currency: 'GOLD', amount: 1_000_000_007 }],
    items: [{ itemId: 'apple', quantity: 3 }, { itemId: 'sword', quantity: 3 }]
  }
  t.strictSame(walletOf('somebody', grants), wallet)
  t.strictSame(walletOf('somebody', grants.toReversed()), wallet, 'in any order of the grants')
})

t.test('a wallet without grants is empty', async t => {
  t.strictSame(walletOf('nobody', []), { userId: 'nobody', points: 0, currencies: [], items: [] })
})
