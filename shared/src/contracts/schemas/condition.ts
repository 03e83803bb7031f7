import { Type, type Static, type TSchema } from 'typebox'
import { Int32, Int64, ResponseString, Strict, Text } from './common.ts'
import { ActivityType, PropertyName } from './scalars.ts'
import { Where } from './where.ts'

export const Aggregation = Type.Enum(['count', 'sum', 'unique_count', 'active_days', 'streak'], {
  title: 'Aggregation',
  description: '`count`: the number of activities. `sum`: the sum of their `value`. ' +
    '`unique_count`: the number of distinct values of `data[property]`. ' +
    '`active_days`: the number of calendar days with an activity. ' +
    '`streak`: the longest run of consecutive calendar days with an activity.'
})
export type Aggregation = Static<typeof Aggregation>

const Label = Type.Partial(Strict({
  en: Text(100, { description: 'The English name.' }),
  ko: Text(100, { description: 'The Korean name.' })
}), {
  title: 'Label',
  additionalProperties: false,
  description: 'The name of the activity in `conditionText`. By default, it is the type.'
})

/** The properties of a leaf. The progress of a leaf also has them. */
export const leafProperties = {
  aggregation: Aggregation,
  activity: ActivityType,
  property: Type.Optional(PropertyName),
  where: Type.Optional(Type.Array(Where, {
    maxItems: 5, description: 'Only activities that match every filter count.'
  })),
  target: Int64('The value that the aggregation must reach.', { minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
  grace: Type.Optional(Int32('Only for `streak`: how many missed days a run may contain in total. The default is 0.', {
    minimum: 0, maximum: 7
  })),
  label: Type.Optional(Label)
}

/** One requirement: an aggregation over the activities of the claim's period must reach `target`. */
export const Leaf = Strict(leafProperties, {
  title: 'Leaf',
  description: 'One requirement: an aggregation over the activities of a user must reach `target`. ' +
    '`unique_count` requires `property`.',
  examples: [{ aggregation: 'active_days', activity: 'user.visited', target: 3 }],
  if: { properties: { aggregation: { const: 'unique_count' } }, required: ['aggregation'] },
  then: { properties: { property: {} }, required: ['property'], additionalProperties: true }
})
export type Leaf = Static<typeof Leaf>

/** A leaf, or a tree of leaves. */
export type Condition = Leaf | { readonly all: readonly Condition[] } | { readonly any: readonly Condition[] }

/** The maximum depth of a condition, including the leaves. */
const maxLevels = 3

/** The maximum number of leaves in a condition. */
export const maxLeaves = 10

/** Returns the schema of the 1 to 10 children of a node. */
export function childrenOf (name: 'all' | 'any', child: object): TSchema {
  const description = name === 'all' ? 'All of these must be met.' : 'At least one of these must be met.'
  return Type.Unsafe({ type: 'array', minItems: 1, maxItems: 10, description, items: child })
}

/** Returns a reference to the schema of a condition of at most `levels` levels, which `Condition` contains. */
function referenceTo (levels: number): object {
  return { $ref: `#/$defs/level${levels}` }
}

/** Returns the schema of a condition of at most `levels` levels. The property that is present selects the branch. */
function conditionOf (levels: number): object {
  if (levels === 1) return Leaf
  const child = referenceTo(levels - 1)
  return {
    type: 'object',
    if: { properties: { all: {} }, required: ['all'] },
    then: Strict({ all: childrenOf('all', child) }),
    else: {
      if: { properties: { any: {} }, required: ['any'] },
      then: Strict({ any: childrenOf('any', child) }),
      else: referenceTo(1)
    }
  }
}

const words = {
  title: 'Condition',
  description: 'What a user must do: a leaf, or a tree of `all` and `any`. ' +
    `A condition has at most ${maxLevels} levels, including the leaves, and at most ${maxLeaves} leaves in total.`,
  examples: [
    { aggregation: 'active_days', activity: 'user.visited', target: 3 },
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
}

const lowerLevels = Array.from({ length: maxLevels - 1 }, (_, index) => index + 1)

/** Its `$id` makes the references relative to it. With a copy of a level in each branch, it would compile slowly. */
export const Condition = Type.Unsafe<Condition>({
  $id: 'Condition',
  ...conditionOf(maxLevels),
  $defs: Object.fromEntries(lowerLevels.map(levels => [`level${levels}`, conditionOf(levels)])),
  ...words
})

/** A condition in a response. It is not validated again, because a serializer cannot select a branch. */
export const KnownCondition = Type.Unsafe<Condition>({ type: 'object', additionalProperties: true, ...words })

/** A condition as one sentence. */
export const ConditionText = Strict({
  en: ResponseString('The sentence in English.'),
  ko: ResponseString('The sentence in Korean.')
}, {
  title: 'ConditionText',
  description: 'The condition as one sentence.',
  examples: [{ en: 'Visit on 7 days in a row', ko: '7일 연속 방문하기' }]
})
export type ConditionText = Static<typeof ConditionText>
