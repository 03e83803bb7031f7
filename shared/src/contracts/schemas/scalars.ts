import { Type, type Static } from 'typebox'

/** The type of an activity, for example `quest.cleared`. */
export const ActivityType = Type.String({
  pattern: '^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$',
  description: 'The type of an activity. The prefixes `user.` and `friend.` are reserved for the platform. ' +
    '`event.granted` counts the grants of the user.',
  examples: ['quest.cleared']
})

/** The name of a property in `data` or `attributes`, except the names that every JavaScript object inherits. */
export const PropertyName = Type.String({
  pattern: '^(?!(constructor|prototype)$)[A-Za-z][A-Za-z0-9_]{0,63}$',
  description: 'The name of a property.'
})

export const Scalar = Type.Union([Type.String({ maxLength: 1000 }), Type.Number(), Type.Boolean()], {
  description: 'A string, a number, or a boolean. Values are compared without coercion: "7" is not 7.'
})
export type Scalar = Static<typeof Scalar>

/** Returns the schema of an object with up to `maxProperties` custom properties: strings, numbers, or booleans. */
export const Scalars = (maxProperties: number, description: string) => Type.Unsafe<Record<string, Scalar>>({
  type: 'object', propertyNames: PropertyName, additionalProperties: Scalar, maxProperties, description
})

/** The attributes of a reward in a response. */
export const Attributes = Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()]), {
  description: 'Custom properties of the reward, such as its grade, expiry, or artwork.'
})

/** The pattern of the name of a group of events. */
export const groupPattern = '^[A-Za-z0-9_-]{1,64}$'
