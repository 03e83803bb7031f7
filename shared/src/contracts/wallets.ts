import { userParams } from './params.ts'
import { defineRoute } from './route.ts'
import { Page, PageQuery } from './schemas/pages.ts'
import { Coupon, LedgerEntry, Wallet } from './schemas/wallet.ts'

const base = { service: 'event-service', tag: 'Wallets' } as const

export const getMyWallet = defineRoute({
  ...base,
  operationId: 'getMyWallet',
  method: 'GET',
  url: '/v1/users/me/wallet',
  access: ['USER', 'ADMIN'],
  summary: 'Get my wallet',
  description: 'Returns the total of all rewards of the caller: points, currencies, and items.',
  schema: { response: { 200: Wallet } }
})

export const getWallet = defineRoute({
  ...base,
  operationId: 'getWallet',
  method: 'GET',
  url: '/v1/users/:userId/wallet',
  access: ['OPERATOR', 'AUDITOR', 'ADMIN'],
  summary: 'Get the wallet of a user',
  description: 'Returns the total of all rewards of the user. The wallet of a user without grants is empty.',
  refusals: { 404: ['USER_NOT_FOUND'] },
  schema: { params: userParams, response: { 200: Wallet } }
})

export const listMyLedger = defineRoute({
  ...base,
  operationId: 'listMyLedger',
  method: 'GET',
  url: '/v1/users/me/ledger',
  access: ['USER', 'ADMIN'],
  summary: 'List the changes of my wallet',
  description: 'Returns every credit and debit of the wallet.',
  schema: { querystring: PageQuery({}), response: { 200: Page(LedgerEntry) } }
})

export const listMyCoupons = defineRoute({
  ...base,
  operationId: 'listMyCoupons',
  method: 'GET',
  url: '/v1/users/me/coupons',
  access: ['USER', 'ADMIN'],
  summary: 'List my coupon codes',
  description: 'Returns every coupon code that was granted to the caller, including revoked ones.',
  schema: { querystring: PageQuery({}), response: { 200: Page(Coupon) } }
})
