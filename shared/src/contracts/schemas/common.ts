import { Type, type TObject, type TProperties, type TSchema, type TSchemaOptions } from 'typebox'

/**
 * Returns an object schema that allows no property beyond these.
 * A schema with a `title` becomes a component of the OpenAPI document under that name.
 */
export const Strict = <P extends TProperties>(properties: P, options: object = {}): TObject<P> =>
  Type.Object(properties, { additionalProperties: false, ...options })

export const idPattern = /^[A-Za-z0-9_-]{1,128}$/

/** Returns the schema of an opaque id. */
export const Id = (description = 'An opaque id.') => Type.String({ pattern: idPattern.source, description })

/** Returns the schema of an RFC 3339 timestamp with an offset, years 2000 to 2100. `parseInstant` parses it. */
export const Instant = (description: string) => Type.String({ format: 'date-time', description })

/** Returns the schema of text that must contain a visible character. */
export const Text = (maxLength: number, options: object = {}) =>
  Type.String({ minLength: 1, maxLength, format: 'visible-text', ...options })

/** Returns the schema of text in a response. */
export const ResponseString = (description: string) => Type.String({ description })

/** Returns the schema of an integer that never exceeds 2^31 - 1. */
export const Int32 = (description?: string, options: object = {}) =>
  Type.Integer({ format: 'int32', ...(description === undefined ? {} : { description }), ...options })

/** Returns the schema of an integer that may exceed 2^31 - 1. Without `int64`, generated clients would overflow. */
export const Int64 = (description?: string, options: object = {}) =>
  Type.Integer({ format: 'int64', ...(description === undefined ? {} : { description }), ...options })

/** Returns a schema that also accepts `null`. */
export const Nullable = <T extends TSchema>(schema: T, options: TSchemaOptions = {}) =>
  Type.Union([schema, Type.Null()], options)

/** The body of an operation without properties: absent, empty or `{}`. */
export const EmptyBody = Strict({})

/** Returns the first example of a schema, or `undefined` if it has none. */
export function exampleOf (schema: TSchema): unknown {
  return (schema as { examples?: readonly unknown[] }).examples?.[0]
}

/** Returns the title of a schema: its name in the OpenAPI document. Throws if it has none. */
export function titleOf (schema: TSchema): string {
  const { title } = schema as { title?: string }
  if (title === undefined) throw new Error('This schema has no title.')
  return title
}
