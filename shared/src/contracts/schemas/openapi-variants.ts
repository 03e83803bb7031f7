import { Type } from 'typebox'
import { Strict } from './common.ts'
import { childrenOf, Condition, Leaf, leafProperties } from './condition.ts'
import { NewReward } from './new-reward.ts'
import { exampleProgress } from './progress.ts'
import { Comparison, Membership } from './where.ts'

/** Returns a reference to a schema by its title, because these schemas contain each other. */
const named = (title: string): object => ({ title })

const met = Type.Boolean({ description: 'Whether the user meets this part of the condition.' })

const leafProgress = {
  ...leafProperties,
  current: Type.Number({ description: 'The value that the user has reached. It may exceed `target`.' }),
  met
}

const { description, examples } = Condition as { description?: string, examples?: unknown }

interface Variant { readonly title: string, readonly properties: { readonly type: { readonly const: string } } }
const { oneOf: rewardTypes } = NewReward as unknown as { readonly oneOf: readonly Variant[] }

/**
 * The schemas whose form in the OpenAPI document differs from the form that validators and serializers use, by title.
 * Validators select a branch with `if`, so that errors name only the branch that the caller meant. They also need the
 * levels of a condition unrolled. Generated clients need a recursive `oneOf` of named schemas.
 */
export const openapiVariants: Readonly<Record<string, object>> = {
  Condition: { title: 'Condition', description, examples, oneOf: [Leaf, named('All'), named('Any')] },
  All: Strict({ all: childrenOf('all', named('Condition')) }, {
    title: 'All',
    description: 'A condition with several parts. All of them must be met.'
  }),
  Any: Strict({ any: childrenOf('any', named('Condition')) }, {
    title: 'Any',
    description: 'A condition with several parts. At least one of them must be met.'
  }),
  Where: {
    title: 'Where',
    description: 'A filter on the `data` of activities. ' +
      'An activity without the property never matches, not even with `ne`.',
    oneOf: [Comparison, Membership]
  },
  Progress: {
    title: 'Progress',
    description: 'The condition with the progress of the user.',
    examples: [exampleProgress],
    oneOf: [named('LeafProgress'), named('AllProgress'), named('AnyProgress')]
  },
  LeafProgress: Strict(leafProgress, {
    title: 'LeafProgress',
    description: 'A leaf with the value that the user has reached.'
  }),
  AllProgress: Strict({ all: childrenOf('all', named('Progress')), met }, {
    title: 'AllProgress',
    description: 'The progress of an `all` node.'
  }),
  AnyProgress: Strict({ any: childrenOf('any', named('Progress')), met }, {
    title: 'AnyProgress',
    description: 'The progress of an `any` node.'
  }),
  NewReward: {
    ...NewReward,
    discriminator: {
      propertyName: 'type',
      mapping: Object.fromEntries(rewardTypes.map(({ title, properties }) =>
        [properties.type.const, `#/components/schemas/${title}`]))
    }
  }
}
