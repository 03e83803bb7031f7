import { Type, type Static } from 'typebox'
import { Id, Instant, Int32, Int64, ResponseString, Strict } from './common.ts'
import { example } from './examples.ts'
import { RewardType } from './reward.ts'

const CurrencyBalance = Strict({
  currency: ResponseString('The code of the currency.'),
  amount: Int64('The amount granted.')
}, { title: 'CurrencyBalance', description: 'The balance of one currency.' })

const ItemBalance = Strict({
  itemId: ResponseString('The id of the item.'),
  quantity: Int64('The number of units granted.')
}, { title: 'ItemBalance', description: 'The units of one item.' })

/** The total of all grants of a user, excluding revoked ones. */
export const Wallet = Strict({
  userId: Id('The id of the user.'),
  points: Int64('The points granted.'),
  currencies: Type.Array(CurrencyBalance, { description: 'The balance of every currency.' }),
  items: Type.Array(ItemBalance, { description: 'The units of every item.' })
}, {
  title: 'Wallet',
  description: 'The total of all grants of a user, excluding revoked ones.',
  examples: [{
    userId: example.userId,
    points: 500,
    currencies: [{ currency: 'gems', amount: 20 }],
    items: [{ itemId: 'sword-7', quantity: 1 }]
  }]
})
export type Wallet = Static<typeof Wallet>

/** One change of a wallet. */
export const LedgerEntry = Strict({
  id: Id('The id of the entry.'),
  claimId: Id('The id of the claim.'),
  eventId: Id('The id of the event.'),
  rewardId: Id('The id of the reward.'),
  type: RewardType,
  amount: Int32('The amount granted or revoked.'),
  currency: Type.Optional(ResponseString('The code of the currency, if the type is CURRENCY.')),
  itemId: Type.Optional(ResponseString('The id of the item, if the type is ITEM.')),
  direction: Type.Enum(['CREDIT', 'DEBIT'], {
    description: '`CREDIT`: a claim was granted. `DEBIT`: the grant was revoked.'
  }),
  at: Instant('When it happened.')
}, {
  title: 'LedgerEntry',
  description: 'One change of a wallet.',
  examples: [{
    id: `${example.claimId}_0`,
    claimId: example.claimId,
    eventId: example.eventId,
    rewardId: example.rewardId,
    type: 'POINT',
    amount: 500,
    direction: 'CREDIT',
    at: example.at
  }]
})
export type LedgerEntry = Static<typeof LedgerEntry>

/** A coupon code that a user was granted. */
export const Coupon = Strict({
  claimId: Id('The id of the claim.'),
  eventId: Id('The id of the event.'),
  name: ResponseString('The name of the reward.'),
  couponCode: ResponseString('The coupon code.'),
  at: Instant('When it was granted.'),
  revoked: Type.Boolean({ description: 'Whether the grant was revoked.' })
}, {
  title: 'Coupon',
  description: 'A coupon code that a user was granted.',
  examples: [{
    claimId: example.claimId,
    eventId: example.eventId,
    name: '10% off',
    couponCode: 'WELCOME-7F3K',
    at: example.at,
    revoked: false
  }]
})
export type Coupon = Static<typeof Coupon>
