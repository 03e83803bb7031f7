import { Type, type Static } from 'typebox'
import { Int32, Nullable, Strict, Text } from './common.ts'
import { Scalars } from './scalars.ts'

const Amount = Int32('How much one grant gives.', { minimum: 1, maximum: 1_000_000_000 })

const Code = (description: string) => Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$', description })

export const RewardName = Text(100, { description: 'The name that users see.' })

export const Stock = Nullable(
  Int32(undefined, { minimum: 0, maximum: 1_000_000_000 }),
  { description: 'How many times the reward can be granted, or `null` if the stock is unlimited.' }
)

const common = {
  name: RewardName,
  attributes: Type.Optional(
    Scalars(20, 'Custom properties, such as a grade, an expiry, or artwork. Claims include them.')
  )
}
const stocked = { ...common, stock: Type.Optional(Stock) }

const kind = <T extends string>(type: T, description: string) => Type.Literal(type, { description })

const NewPointReward = Strict({
  type: kind('POINT', 'Points in the wallet.'),
  amount: Amount,
  ...stocked
}, { title: 'NewPointReward', description: 'A reward that adds points to the wallet.' })

const NewCurrencyReward = Strict({
  type: kind('CURRENCY', 'An amount of a currency in the wallet.'),
  currency: Code('The code of the currency.'),
  amount: Amount,
  ...stocked
}, { title: 'NewCurrencyReward', description: 'A reward that adds an amount of a currency to the wallet.' })

const NewItemReward = Strict({
  type: kind('ITEM', 'Units of an item in the wallet.'),
  itemId: Code('The id of the item in the game or the shop.'),
  amount: Amount,
  ...stocked
}, { title: 'NewItemReward', description: 'A reward that adds units of an item to the wallet.' })

// The stock of a COUPON is its pool of codes, which `addCouponCodes` fills.
const NewCouponReward = Strict({
  type: kind('COUPON', 'One coupon code from the pool of the reward.'),
  amount: Type.Optional(Type.Literal(1, { description: 'Always 1: a grant takes one code.' })),
  ...common
}, { title: 'NewCouponReward', description: 'A reward that gives a coupon code.' })

// With a discriminator, validation errors name only the type that the caller meant.
export const NewReward = Type.Unsafe<Static<
  typeof NewPointReward | typeof NewCurrencyReward | typeof NewItemReward | typeof NewCouponReward
>>({
  title: 'NewReward',
  description: 'A reward to add to an event.',
  type: 'object',
  required: ['type'],
  discriminator: { propertyName: 'type' },
  oneOf: [NewPointReward, NewCurrencyReward, NewItemReward, NewCouponReward],
  examples: [{ type: 'POINT', name: '500 points', amount: 500, stock: 1000 }]
})
export type NewReward = Static<typeof NewReward>
