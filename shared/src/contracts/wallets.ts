import { Type, type Static } from 'typebox'
import { example, Id, Instant, Page, PageQuery, Strict } from './common.ts'
import { RewardType } from './rewards.ts'
import { defineRoute } from './route.ts'

const base = { service: 'event-service', tag: 'Wallets' } as const

export const Wallet = Strict({
  userId: Id(),
  points: Type.Integer(),
  currencies: Type.Array(Strict({ currency: Type.String(), amount: Type.Integer() })),
  items: Type.Array(Strict({ itemId: Type.String(), quantity: Type.Integer() }))
}, { examples: [{ userId: example.userId, points: 500, currencies: [{ currency: 'gems', amount: 20 }], items: [{ itemId: 'sword-7', quantity: 1 }] }] })
export type Wallet = Static<typeof Wallet>

export const getMyWallet = defineRoute({
  ...base,
  operationId: 'getMyWallet',
  method: 'GET',
  url: '/v1/users/me/wallet',
  access: ['USER', 'ADMIN'],
  summary: 'What I was granted',
  schema: { response: { 200: Wallet } }
})

export const getWallet = defineRoute({
  ...base,
  operationId: 'getWallet',
  method: 'GET',
  url: '/v1/users/:userId/wallet',
  access: ['OPERATOR', 'AUDITOR', 'ADMIN'],
  summary: 'What a user was granted',
  description: 'A user without a grant has an empty wallet.',
  refusals: { 404: ['USER_NOT_FOUND'] },
  schema: { params: Strict({ userId: Id('A user') }), response: { 200: Wallet } }
})

export const LedgerEntry = Strict({
  id: Id(),
  claimId: Id(),
  eventId: Id(),
  rewardId: Id(),
  type: RewardType,
  amount: Type.Integer(),
  currency: Type.Optional(Type.String()),
  itemId: Type.Optional(Type.String()),
  direction: Type.Enum(['CREDIT', 'DEBIT'], { description: 'DEBIT: the grant was taken back' }),
  at: Instant()
}, {
  examples: [{
    id: `${example.claimId}_0`, claimId: example.claimId, eventId: example.eventId, rewardId: example.rewardId, type: 'POINT', amount: 500, direction: 'CREDIT', at: example.at
  }]
})
export type LedgerEntry = Static<typeof LedgerEntry>

export const listMyLedger = defineRoute({
  ...base,
  operationId: 'listMyLedger',
  method: 'GET',
  url: '/v1/users/me/ledger',
  access: ['USER', 'ADMIN'],
  summary: 'Every credit and debit behind my wallet',
  schema: { querystring: PageQuery({}), response: { 200: Page(LedgerEntry) } }
})

export const Coupon = Strict({ claimId: Id(), eventId: Id(), name: Type.String(), couponCode: Type.String(), at: Instant(), revoked: Type.Boolean() }, {
  examples: [{ claimId: example.claimId, eventId: example.eventId, name: '10 % off', couponCode: 'WELCOME-7F3K', at: example.at, revoked: false }]
})
export type Coupon = Static<typeof Coupon>

export const listMyCoupons = defineRoute({
  ...base,
  operationId: 'listMyCoupons',
  method: 'GET',
  url: '/v1/users/me/coupons',
  access: ['USER', 'ADMIN'],
  summary: 'My coupon codes',
  schema: { querystring: PageQuery({}), response: { 200: Page(Coupon) } }
})
