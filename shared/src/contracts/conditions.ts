import { Type, type Static } from 'typebox'
import { Strict } from './common.ts'

/** The name of something a user did, e.g. `quest.cleared`. `user.*` and `friend.*` are the platform's own. */
export const ActivityType = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$', examples: ['quest.cleared'] })

/** A name in an activity's `data` or a reward's `attributes`. Not one that JavaScript objects inherit. */
export const PropertyName = Type.String({ pattern: '^(?!(constructor|prototype)$)[A-Za-z][A-Za-z0-9_]{0,63}$' })

export const Scalar = Type.Union([Type.String({ maxLength: 1000 }), Type.Number(), Type.Boolean()])
export type Scalar = Static<typeof Scalar>

const Operator = Type.Enum(['eq', 'ne', 'gt', 'gte', 'lt', 'lte'])

const Comparison = Strict({ property: PropertyName, op: Operator, value: Scalar })
const Membership = Strict({ property: PropertyName, op: Type.Literal('in'), value: Type.Array(Scalar, { minItems: 1, maxItems: 100 }) })

/** One thing asked of an activity's `data`. Nothing is coerced, and a missing property matches nothing, `ne` included. */
export type Where = Static<typeof Comparison> | Static<typeof Membership>

// `if` picks the one alternative that was meant, so that an error speaks of that one only.
const Where = Type.Unsafe<Where>({
  type: 'object',
  if: { properties: { op: { const: 'in' } }, required: ['op'] },
  then: Membership,
  else: Comparison
})

const aggregations = ['count', 'sum', 'unique_count', 'active_days', 'streak'] as const

const Leaf = Type.Object({
  aggregation: Type.Enum([...aggregations]),
  activity: ActivityType,
  property: Type.Optional(PropertyName),
  where: Type.Optional(Type.Array(Where, { maxItems: 5 })),
  target: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })
}, {
  additionalProperties: false,
  if: { properties: { aggregation: { const: 'unique_count' } }, required: ['aggregation'] },
  then: { properties: { property: {} }, required: ['property'], additionalProperties: true }
})

/**
 * What a user must have done at least `target` times in the claim's period: `count` activities · `sum` of their `value` ·
 * `unique_count` of `data[property]` · `active_days`, different calendar dates · `streak`, the longest run of consecutive ones.
 */
export type Leaf = Static<typeof Leaf>

/** A leaf, or a tree of them. */
export type Condition = Leaf | { readonly all: readonly Condition[] } | { readonly any: readonly Condition[] }

/** Levels of a condition, the leaves included, and leaves in all. */
export const maxLevels = 3
export const maxLeaves = 10

function conditionOf (levels: number): object {
  if (levels === 1) return Leaf
  const children = { type: 'array', minItems: 1, maxItems: 10, items: conditionOf(levels - 1) }
  const node = (name: 'all' | 'any'): object => ({ type: 'object', required: [name], properties: { [name]: children }, additionalProperties: false })
  return {
    type: 'object',
    if: { properties: { all: {} }, required: ['all'] },
    then: node('all'),
    else: { if: { properties: { any: {} }, required: ['any'] }, then: node('any'), else: Leaf }
  }
}

export const Condition = Type.Unsafe<Condition>({
  ...conditionOf(maxLevels),
  description: `At most ${maxLevels} levels of all, any and leaf, and ${maxLeaves} leaves in all`,
  examples: [
    { aggregation: 'active_days', activity: 'user.visited', target: 3 },
    { aggregation: 'unique_count', activity: 'friend.invited', property: 'inviteeId', target: 3 },
    { all: [{ aggregation: 'streak', activity: 'user.visited', target: 7 }, { aggregation: 'count', activity: 'quest.cleared', where: [{ property: 'questId', op: 'eq', value: 'q-7' }], target: 1 }] }
  ]
})

/** The same in an answer: it was checked on its way in, and a serializer cannot choose between alternatives. */
export const KnownCondition = Type.Unsafe<Condition>({
  type: 'object',
  additionalProperties: true,
  description: 'As it was sent: a leaf, or a tree of `all` and `any`',
  examples: [{ aggregation: 'active_days', activity: 'user.visited', target: 3 }]
})

/** The condition's tree with `met` on every node and `current`, `target` on every leaf; `current` is not capped at `target`. */
export type Progress = (Leaf & { readonly current: number, readonly met: boolean }) |
  { readonly all: readonly Progress[], readonly met: boolean } |
  { readonly any: readonly Progress[], readonly met: boolean }

export const Progress = Type.Unsafe<Progress>({
  type: 'object',
  required: ['met'],
  properties: {
    met: { type: 'boolean' },
    current: { type: 'number', description: 'Of a leaf' },
    target: { type: 'integer', description: 'Of a leaf' },
    all: { type: 'array', items: { type: 'object', additionalProperties: true } },
    any: { type: 'array', items: { type: 'object', additionalProperties: true } }
  },
  additionalProperties: true,
  description: 'The condition with how far the user has come',
  examples: [{ aggregation: 'active_days', activity: 'user.visited', target: 3, current: 2, met: false }]
})

/** The same in a sentence for people. */
export const ConditionText = Strict({ en: Type.String(), ko: Type.String() }, {
  examples: [{ en: 'Visit on 7 days in a row', ko: '7일 연속 방문하기' }]
})
export type ConditionText = Static<typeof ConditionText>
