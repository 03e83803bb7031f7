import { Type, type Static } from 'typebox'
import { Answer, exampleOf, Id, Instant, Int32, Int64, Nullable, Strict, Text } from './common.ts'
import { example } from './examples.ts'
import { Attributes, Scalars } from './scalars.ts'

const Amount = Int32('How much one grant gives.', { minimum: 1, maximum: 1_000_000_000 })

const Code = (description: string) => Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$', description })

const Name = Text(100, { description: 'The name that users see.' })

const Stock = Nullable(
  Type.Integer({ minimum: 0, maximum: 1_000_000_000 }),
  { description: 'How many times the reward can be granted, or `null` if the stock is unlimited.' }
)

const common = {
  name: Name,
  attributes: Type.Optional(Scalars(20, 'Free properties, such as a grade, an expiry, or artwork. Claims carry them.'))
}
const stocked = { ...common, stock: Type.Optional(Stock) }

const kind = <T extends string>(type: T, description: string) => Type.Literal(type, { description })

const Points = Strict({ type: kind('POINT', 'Points in the wallet.'), amount: Amount, ...stocked })

const Currency = Strict({
  type: kind('CURRENCY', 'An amount of a currency in the wallet.'),
  currency: Code('The code of the currency.'),
  amount: Amount,
  ...stocked
})

const Item = Strict({
  type: kind('ITEM', 'Units of an item in the wallet.'),
  itemId: Code('The id of the item in the game or the shop.'),
  amount: Amount,
  ...stocked
})

// The stock of a COUPON is its pool of codes, which `addCouponCodes` fills.
const Coupon = Strict({
  type: kind('COUPON', 'One coupon code from the pool of the reward.'),
  amount: Type.Optional(Type.Literal(1, { description: 'Always 1: a grant takes one code.' })),
  ...common
})

// With a discriminator, validation errors name only the type that the caller meant.
export const NewReward = Type.Unsafe<
  Static<typeof Points> | Static<typeof Currency> | Static<typeof Item> | Static<typeof Coupon>
>({
  type: 'object',
  required: ['type'],
  discriminator: { propertyName: 'type' },
  oneOf: [Points, Currency, Item, Coupon],
  examples: [{ type: 'POINT', name: '500 points', amount: 500, stock: 1000 }]
})
export type NewReward = Static<typeof NewReward>

export const RewardPatch = Type.Partial(Strict({ name: Name, stock: Stock }), {
  additionalProperties: false, minProperties: 1, examples: [{ stock: 2000 }]
})
export type RewardPatch = Static<typeof RewardPatch>

export const RewardType = Type.Enum(['POINT', 'CURRENCY', 'ITEM', 'COUPON'], { description: 'What the reward gives.' })

/** The properties that a reward has in its event and in a claim. */
export const grantedProperties = {
  type: RewardType,
  name: Answer('The name that users see.'),
  amount: Int32('How much one grant gives.'),
  currency: Type.Optional(Answer('The code of the currency, if the type is CURRENCY.')),
  itemId: Type.Optional(Answer('The id of the item, if the type is ITEM.')),
  attributes: Attributes
}

export const Reward = Strict({
  id: Id('The id of the reward.'),
  eventId: Id('The id of its event.'),
  ...grantedProperties,
  stock: Nullable(Type.Integer(), {
    description: 'How many times the reward can be granted, or `null` if the stock is unlimited.'
  }),
  granted: Int64('How many grants were made, revoked ones included. The count is at most 5 seconds old.'),
  held: Int64('How many grants are reserved for claims that await review.'),
  remaining: Nullable(Type.Integer(), {
    description: 'How many more grants are possible, or `null` if the stock is unlimited.'
  }),
  asOf: Instant('When the counts were taken.')
}, {
  examples: [{
    id: example.rewardId,
    eventId: example.eventId,
    type: 'POINT',
    name: '500 points',
    amount: 500,
    attributes: {},
    stock: 1000,
    granted: 1,
    held: 0,
    remaining: 999,
    asOf: example.at
  }]
})
export type Reward = Static<typeof Reward>

/** All rewards of an event. */
export const RewardList = Strict({
  data: Type.Array(Reward, { description: 'The rewards in the order in which they were added.' })
}, { examples: [{ data: [exampleOf(Reward)] }] })
export type RewardList = Static<typeof RewardList>
