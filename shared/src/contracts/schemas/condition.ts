import { Type, type Static } from 'typebox'
import { Answer, Int64, Strict } from './common.ts'
import { ActivityType, PropertyName, Scalar } from './scalars.ts'

const Operator = Type.Enum(['eq', 'ne', 'gt', 'gte', 'lt', 'lte'], { description: 'How the values are compared.' })

const Comparison = Strict({ property: PropertyName, op: Operator, value: Scalar })

const Membership = Strict({
  property: PropertyName,
  op: Type.Literal('in', { description: 'The property must equal one of the values.' }),
  value: Type.Array(Scalar, { minItems: 1, maxItems: 100, description: 'The allowed values.' })
})

/**
 * A filter on the `data` of activities.
 * Values are compared without coercion. An activity without the property never matches, not even with `ne`.
 */
export type Where = Static<typeof Comparison> | Static<typeof Membership>

// `if` selects one branch, so that validation errors name only the branch that the caller meant.
const Where = Type.Unsafe<Where>({
  type: 'object',
  if: { properties: { op: { const: 'in' } }, required: ['op'] },
  then: Membership,
  else: Comparison
})

const aggregations = ['count', 'sum', 'unique_count', 'active_days', 'streak'] as const

const Leaf = Type.Object({
  aggregation: Type.Enum([...aggregations], {
    description: '`count`: the number of activities. `sum`: the sum of their `value`. ' +
      '`unique_count`: the number of different values of `property`. ' +
      '`active_days`: the number of calendar days with an activity. ' +
      '`streak`: the longest run of consecutive calendar days with an activity.'
  }),
  activity: ActivityType,
  property: Type.Optional(PropertyName),
  where: Type.Optional(Type.Array(Where, {
    maxItems: 5, description: 'Only activities that match every filter count.'
  })),
  target: Int64('The value that the aggregation must reach.', {
    minimum: 1, maximum: Number.MAX_SAFE_INTEGER
  })
}, {
  additionalProperties: false,
  if: { properties: { aggregation: { const: 'unique_count' } }, required: ['aggregation'] },
  then: { properties: { property: {} }, required: ['property'], additionalProperties: true }
})

/**
 * One requirement: an aggregation over the activities of the claim's period must reach `target`.
 * `count` counts activities, `sum` adds their `value`,
 * `unique_count` counts the different values of `data[property]`, `active_days` counts calendar days,
 * and `streak` is the longest run of consecutive calendar days.
 */
export type Leaf = Static<typeof Leaf>

/** A leaf, or a tree of leaves. */
export type Condition = Leaf | { readonly all: readonly Condition[] } | { readonly any: readonly Condition[] }

/** The maximum depth of a condition, leaves included. */
export const maxLevels = 3

/** The maximum number of leaves in a condition. */
export const maxLeaves = 10

/** Returns the schema of a condition of at most `levels` levels. The property that is present selects the branch. */
function conditionOf (levels: number): object {
  if (levels === 1) return Leaf
  const children = { type: 'array', minItems: 1, maxItems: 10, items: conditionOf(levels - 1) }
  const node = (name: 'all' | 'any'): object =>
    ({ type: 'object', required: [name], properties: { [name]: children }, additionalProperties: false })
  return {
    type: 'object',
    if: { properties: { all: {} }, required: ['all'] },
    then: node('all'),
    else: { if: { properties: { any: {} }, required: ['any'] }, then: node('any'), else: Leaf }
  }
}

const exampleLeaf = { aggregation: 'active_days', activity: 'user.visited', target: 3 }

export const Condition = Type.Unsafe<Condition>({
  ...conditionOf(maxLevels),
  description: 'What a user must have done: a leaf, or a tree of `all` and `any`. ' +
    `A condition has at most ${maxLevels} levels, leaves included, and at most ${maxLeaves} leaves.`,
  examples: [
    exampleLeaf,
    { aggregation: 'unique_count', activity: 'friend.invited', property: 'inviteeId', target: 3 },
    {
      all: [
        { aggregation: 'streak', activity: 'user.visited', target: 7 },
        {
          aggregation: 'count',
          activity: 'quest.cleared',
          where: [{ property: 'questId', op: 'eq', value: 'q-7' }],
          target: 1
        }
      ]
    }
  ]
})

/** A condition in an answer. It is not validated again, because a serializer cannot select a branch. */
export const KnownCondition = Type.Unsafe<Condition>({
  type: 'object',
  additionalProperties: true,
  description: 'The condition as it was sent: a leaf, or a tree of `all` and `any`.',
  examples: [exampleLeaf]
})

/** A condition as one sentence for people. */
export const ConditionText = Strict({ en: Answer('The sentence in English.'), ko: Answer('The sentence in Korean.') }, {
  description: 'The condition as one sentence for people.',
  examples: [{ en: 'Visit on 7 days in a row', ko: '7일 연속 방문하기' }]
})
export type ConditionText = Static<typeof ConditionText>
