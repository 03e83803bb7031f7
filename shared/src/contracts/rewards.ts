import { Type, type Static } from 'typebox'
import { Id, IdempotencyKey, Instant, Strict, Text } from './common.ts'
import { PropertyName, Scalar } from './conditions.ts'
import { defineRoute } from './route.ts'

const base = { service: 'event-service', tag: 'Rewards' } as const
const operators = ['OPERATOR', 'ADMIN'] as const
const readers = ['USER', 'OPERATOR', 'AUDITOR', 'ADMIN'] as const

/** Free strings, numbers or booleans by name. */
export const Scalars = (maxProperties: number, description: string) => Type.Unsafe<Record<string, Scalar>>({
  type: 'object', propertyNames: PropertyName, additionalProperties: Scalar, maxProperties, description
})

const Amount = Type.Integer({ minimum: 1, maximum: 1_000_000_000 })
const Code = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$' })
const common = {
  name: Text(100),
  attributes: Type.Optional(Scalars(20, 'Carried into the claim: grade, expiry, artwork, …')),
  stock: Type.Optional(Type.Null({ description: 'How many times it can be granted; null: without limit' }))
}

const Points = Strict({ type: Type.Literal('POINT'), amount: Amount, ...common })
const Currency = Strict({ type: Type.Literal('CURRENCY'), currency: Code, amount: Amount, ...common })
const Item = Strict({ type: Type.Literal('ITEM'), itemId: Code, amount: Amount, ...common })

// `oneOf` with a discriminator instead of `anyOf`: an error then speaks of the one type that was meant.
export const NewReward = Type.Unsafe<Static<typeof Points> | Static<typeof Currency> | Static<typeof Item>>({
  type: 'object',
  required: ['type'],
  discriminator: { propertyName: 'type' },
  oneOf: [Points, Currency, Item],
  examples: [{ type: 'POINT', name: '500 points', amount: 500 }]
})
export type NewReward = Static<typeof NewReward>

export const RewardType = Type.Enum(['POINT', 'CURRENCY', 'ITEM'])

export const Reward = Strict({
  id: Id(),
  eventId: Id(),
  type: RewardType,
  name: Type.String(),
  amount: Type.Integer(),
  currency: Type.Optional(Type.String()),
  itemId: Type.Optional(Type.String()),
  attributes: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()])),
  stock: Type.Union([Type.Integer(), Type.Null()]),
  granted: Type.Integer({ description: 'Counted from the claims, up to 5 s ago' }),
  held: Type.Integer({ description: 'Held by claims that wait for a review' }),
  remaining: Type.Union([Type.Integer(), Type.Null()]),
  asOf: Instant('When the counts were taken')
})
export type Reward = Static<typeof Reward>

const ofEvent = Strict({ eventId: Id('An event') })

export const addReward = defineRoute({
  ...base,
  operationId: 'addReward',
  method: 'POST',
  url: '/v1/events/:eventId/rewards',
  access: operators,
  summary: 'Add a reward to an event',
  description: 'Only while the event was never ACTIVE. A claim grants all rewards of its event.',
  refusals: { 404: ['EVENT_NOT_FOUND'], 409: ['EVENT_FROZEN', 'TOO_MANY_REWARDS'], 422: ['IDEMPOTENCY_KEY_REUSED'] },
  schema: { params: ofEvent, headers: IdempotencyKey, body: NewReward, response: { 201: Reward } }
})

export const listRewards = defineRoute({
  ...base,
  operationId: 'listRewards',
  method: 'GET',
  url: '/v1/events/:eventId/rewards',
  access: readers,
  summary: 'All rewards of an event',
  refusals: { 404: ['EVENT_NOT_FOUND'] },
  schema: { params: ofEvent, response: { 200: Strict({ data: Type.Array(Reward) }) } }
})

export const getReward = defineRoute({
  ...base,
  operationId: 'getReward',
  method: 'GET',
  url: '/v1/events/:eventId/rewards/:rewardId',
  access: readers,
  summary: 'One reward',
  refusals: { 404: ['EVENT_NOT_FOUND', 'REWARD_NOT_FOUND'] },
  schema: { params: Strict({ eventId: Id('An event'), rewardId: Id('A reward') }), response: { 200: Reward } }
})
