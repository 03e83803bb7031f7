import { Type, type Static } from 'typebox'
import { example, exampleOf, Id, IdempotencyKey, Instant, Nullable, Strict, Text } from './common.ts'
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
const Stock = Nullable(Type.Integer({ minimum: 0, maximum: 1_000_000_000, description: 'How many times it can be granted; null: without limit' }))
const common = {
  name: Text(100),
  attributes: Type.Optional(Scalars(20, 'Carried into the claim: grade, expiry, artwork, …'))
}
const stocked = { ...common, stock: Type.Optional(Stock) }

const Points = Strict({ type: Type.Literal('POINT'), amount: Amount, ...stocked })
const Currency = Strict({ type: Type.Literal('CURRENCY'), currency: Code, amount: Amount, ...stocked })
const Item = Strict({ type: Type.Literal('ITEM'), itemId: Code, amount: Amount, ...stocked })
// Its stock is its pool of codes, which `addCouponCodes` fills; a grant takes one.
const Coupon = Strict({ type: Type.Literal('COUPON'), amount: Type.Optional(Type.Literal(1)), ...common })

// `oneOf` with a discriminator instead of `anyOf`: an error then speaks of the one type that was meant.
export const NewReward = Type.Unsafe<Static<typeof Points> | Static<typeof Currency> | Static<typeof Item> | Static<typeof Coupon>>({
  type: 'object',
  required: ['type'],
  discriminator: { propertyName: 'type' },
  oneOf: [Points, Currency, Item, Coupon],
  examples: [{ type: 'POINT', name: '500 points', amount: 500, stock: 1000 }]
})
export type NewReward = Static<typeof NewReward>

export const RewardType = Type.Enum(['POINT', 'CURRENCY', 'ITEM', 'COUPON'])

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
}, {
  examples: [{
    id: example.rewardId, eventId: example.eventId, type: 'POINT', name: '500 points', amount: 500, attributes: {}, stock: 1000, granted: 1, held: 0, remaining: 999, asOf: example.at
  }]
})
export type Reward = Static<typeof Reward>

export const RewardPatch = Type.Partial(Strict({ name: Text(100), stock: Stock }), { additionalProperties: false, minProperties: 1, examples: [{ stock: 2000 }] })
export type RewardPatch = Static<typeof RewardPatch>

const ofEvent = Strict({ eventId: Id('An event') })
const ofReward = Strict({ eventId: Id('An event'), rewardId: Id('A reward') })

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
  schema: { params: ofEvent, response: { 200: Strict({ data: Type.Array(Reward) }, { examples: [{ data: [exampleOf(Reward)] }] }) } }
})

export const getReward = defineRoute({
  ...base,
  operationId: 'getReward',
  method: 'GET',
  url: '/v1/events/:eventId/rewards/:rewardId',
  access: readers,
  summary: 'One reward',
  refusals: { 404: ['EVENT_NOT_FOUND', 'REWARD_NOT_FOUND'] },
  schema: { params: ofReward, response: { 200: Reward } }
})

export const updateReward = defineRoute({
  ...base,
  operationId: 'updateReward',
  method: 'PATCH',
  url: '/v1/events/:eventId/rewards/:rewardId',
  access: operators,
  summary: 'Rename a reward or change its stock',
  description: 'Once the event has been ACTIVE its stock is only ever raised, and `null` stays `null`. The stock of a COUPON is its pool of codes.',
  refusals: { 404: ['EVENT_NOT_FOUND', 'REWARD_NOT_FOUND'], 409: ['EVENT_FROZEN'] },
  schema: { params: ofReward, body: RewardPatch, response: { 200: Reward } }
})

const CouponCode = Type.String({ pattern: '^[\\x21-\\x7e]{1,100}$', description: 'Printable ASCII without spaces' })

export const addCouponCodes = defineRoute({
  ...base,
  operationId: 'addCouponCodes',
  method: 'POST',
  url: '/v1/events/:eventId/rewards/:rewardId/codes',
  access: operators,
  summary: 'Fill a pool of coupon codes',
  description: 'JSON, or `text/csv` with one code a line. Codes that are there already, or twice in one call, are counted as duplicates and change nothing. Raises the stock of the reward by what is new, also while the event is ACTIVE.',
  refusals: { 404: ['EVENT_NOT_FOUND', 'REWARD_NOT_FOUND'], 409: ['NOT_A_COUPON'] },
  bodyLimit: 2 * 1024 * 1024,
  csv: {
    schema: Type.String({ pattern: '^[!#-+\\--~]{1,100}(\\n[!#-+\\--~]{1,100}){0,9999}\\n?$', description: 'One code a line; a code with a comma or a quote stands in quotes (RFC 4180)' }),
    example: 'WELCOME-7F3K\nWELCOME-9Q2M\n'
  },
  schema: {
    params: ofReward,
    body: Strict({ codes: Type.Array(CouponCode, { minItems: 1, maxItems: 10_000 }) }, { examples: [{ codes: ['WELCOME-7F3K', 'WELCOME-9Q2M'] }] }),
    response: { 200: Strict({ added: Type.Integer(), duplicates: Type.Integer() }, { examples: [{ added: 2, duplicates: 0 }] }) }
  }
})
