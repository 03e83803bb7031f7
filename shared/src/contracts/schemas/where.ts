import { Type, type Static } from 'typebox'
import { Strict } from './common.ts'
import { PropertyName, Scalar } from './scalars.ts'

export const Comparison = Strict({
  property: PropertyName,
  op: Type.Enum(['eq', 'ne', 'gt', 'gte', 'lt', 'lte'], {
    description: 'Equal, not equal, greater, greater or equal, less, or less or equal.'
  }),
  value: Scalar
}, { title: 'Comparison', description: 'Compares a property of the activity with one value.' })
export type Comparison = Static<typeof Comparison>

export const Membership = Strict({
  property: PropertyName,
  op: Type.Literal('in', { description: 'The property must equal one of the values.' }),
  value: Type.Array(Scalar, { minItems: 1, maxItems: 100, description: 'The allowed values.' })
}, { title: 'Membership', description: 'Requires that a property of the activity is one of several values.' })
export type Membership = Static<typeof Membership>

/**
 * A filter on the `data` of activities.
 * Values are compared without coercion. An activity without the property never matches, not even with `ne`.
 */
export type Where = Comparison | Membership

// `if` selects one branch, so that validation errors name only the branch that the caller meant.
export const Where = Type.Unsafe<Where>({
  title: 'Where',
  type: 'object',
  if: { properties: { op: { const: 'in' } }, required: ['op'] },
  then: Membership,
  else: Comparison
})
