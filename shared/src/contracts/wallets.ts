import { Type, type Static } from 'typebox'
import { Id, Instant, Page, PageQuery, Strict } from './common.ts'
import { RewardType } from './rewards.ts'
import { defineRoute } from './route.ts'

const base = { service: 'event-service', tag: 'Wallets' } as const

export const Wallet = Strict({
  userId: Id(),
  points: Type.Integer(),
  currencies: Type.Array(Strict({ currency: Type.String(), amount: Type.Integer() })),
  items: Type.Array(Strict({ itemId: Type.String(), quantity: Type.Integer() }))
})
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

export const Coupon = Strict({ claimId: Id(), eventId: Id(), name: Type.String(), couponCode: Type.String(), at: Instant(), revoked: Type.Boolean() })
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
