import { Type, type TObject, type TProperties, type TSchema, type TSchemaOptions } from 'typebox'

/** Returns an object schema that allows no property beyond these. */
export const Strict = <P extends TProperties>(properties: P, options: object = {}): TObject<P> =>
  Type.Object(properties, { additionalProperties: false, ...options })

/** Returns the schema of an opaque id. */
export const Id = (description = 'An opaque id.') => Type.String({ pattern: '^[A-Za-z0-9_-]{1,128}$', description })

/** Returns the schema of an RFC 3339 instant with an offset, years 2000 to 2100. `parseInstant` reads it. */
export const Instant = (description: string) => Type.String({ format: 'date-time', description })

/** Returns the schema of text that a person wrote and that is not blank. */
export const Text = (maxLength: number, options: object = {}) =>
  Type.String({ minLength: 1, maxLength, pattern: '\\S', ...options })

/** Returns the schema of text in an answer. */
export const Answer = (description: string) => Type.String({ description })

/** Returns the schema of an integer that never passes 2^31 - 1. */
export const Int32 = (description: string, options: object = {}) => Type.Integer({ description, ...options })

/** Returns the schema of an integer that may pass 2^31 - 1; generated clients would otherwise overflow. */
export const Int64 = (description: string, options: object = {}) => Type.Integer({ description, ...options })

/** Returns a schema that also accepts `null`. */
export const Nullable = <T extends TSchema>(schema: T, options: TSchemaOptions = {}) =>
  Type.Union([schema, Type.Null()], options)

/** The body of an operation that reads no property: absent, empty or `{}`. */
export const NoBody = Strict({})

/** Returns the first example of a schema, or `undefined` if it has none. */
export function exampleOf (schema: TSchema): unknown {
  return (schema as { examples?: readonly unknown[] }).examples?.[0]
}
