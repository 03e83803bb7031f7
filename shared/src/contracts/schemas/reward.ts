import { Type, type Static } from 'typebox'
import { exampleOf, Id, Instant, Int32, Int64, Nullable, ResponseString, Strict } from './common.ts'
import { example } from './examples.ts'
import { RewardName, Stock } from './new-reward.ts'
import { Attributes } from './scalars.ts'

export const RewardPatch = Type.Partial(Strict({ name: RewardName, stock: Stock }), {
  title: 'RewardPatch',
  description: 'The properties of a reward to change.',
  additionalProperties: false,
  minProperties: 1,
  examples: [{ stock: 2000 }]
})
export type RewardPatch = Static<typeof RewardPatch>

export const RewardType = Type.Enum(['POINT', 'CURRENCY', 'ITEM', 'COUPON'], {
  title: 'RewardType',
  description: '`POINT`: points. `CURRENCY`: an amount of a currency. ' +
    '`ITEM`: units of an item. `COUPON`: a coupon code.'
})
export type RewardType = Static<typeof RewardType>

/** The properties that a reward has in its event and in a claim. */
export const grantedProperties = {
  type: RewardType,
  name: ResponseString('The name that users see.'),
  amount: Int32('How much one grant gives.'),
  currency: Type.Optional(ResponseString('The code of the currency, if the type is CURRENCY.')),
  itemId: Type.Optional(ResponseString('The id of the item, if the type is ITEM.')),
  attributes: Attributes
}

/** The example reward before the first claim. */
export const exampleNewReward = {
  id: example.rewardId,
  eventId: example.eventId,
  type: 'POINT',
  name: '500 points',
  amount: 500,
  attributes: {},
  stock: 1000,
  granted: 0,
  held: 0,
  remaining: 1000,
  asOf: example.at
}

export const Reward = Strict({
  id: Id('The id of the reward.'),
  eventId: Id('The id of its event.'),
  ...grantedProperties,
  stock: Nullable(Int64(), {
    description: 'How many times the reward can be granted, or `null` if the stock is unlimited.'
  }),
  granted: Int64('How many grants were made, including revoked ones. The count is at most 5 seconds old.'),
  held: Int64('How many grants are reserved for claims that await review.'),
  remaining: Nullable(Int64(), {
    description: 'How many more grants are possible, or `null` if the stock is unlimited.'
  }),
  asOf: Instant('When the counts were taken.')
}, {
  title: 'Reward',
  description: 'A reward of an event with its stock.',
  examples: [{ ...exampleNewReward, granted: 1, remaining: 999 }]
})
export type Reward = Static<typeof Reward>

/** All rewards of an event. */
export const RewardList = Strict({
  data: Type.Array(Reward, { description: 'The rewards in the order in which they were added.' })
}, { title: 'RewardList', description: 'All rewards of an event.', examples: [{ data: [exampleOf(Reward)] }] })
export type RewardList = Static<typeof RewardList>
