import { Type, type Static } from 'typebox'
import { Id, Strict } from './common.ts'
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
