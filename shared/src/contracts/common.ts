import { Type, type Static, type TObject, type TProperties, type TSchema } from 'typebox'

/** An object that takes no property beyond these. */
export const Strict = <P extends TProperties>(properties: P, options: object = {}): TObject<P> =>
  Type.Object(properties, { additionalProperties: false, ...options })

export const Id = (description = 'An opaque id') => Type.String({ pattern: '^[A-Za-z0-9_-]{1,128}$', description })

/** RFC 3339 with an offset, years 2000 to 2100; read by `parseInstant`, the one parser. */
export const Instant = (description?: string) =>
  Type.String({ format: 'date-time', ...(description === undefined ? {} : { description }) })

/** Text for people: not blank. NUL and lone surrogates are refused in every string of every request. */
export const Text = (maxLength: number, options: object = {}) =>
  Type.String({ minLength: 1, maxLength, pattern: '\\S', ...options })

export const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])

export const NoBody = Strict({})

const pageProperties = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20, description: 'How many entries at most' })),
  cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 512, description: '`nextCursor` of the page before' })),
  order: Type.Optional(Type.Enum(['desc', 'asc'], { default: 'desc', description: 'By creation: newest or oldest first' }))
}

/** The query of a list, with its own filters. */
export const PageQuery = <P extends TProperties>(filters: P) => Strict({ ...filters, ...pageProperties })
export type PageQuery = Static<ReturnType<typeof PageQuery<{}>>>

export const Page = <T extends TSchema>(entry: T) => Strict({
  data: Type.Array(entry),
  nextCursor: Type.Union([Type.String(), Type.Null()], { description: 'null on the last page' })
}, { examples: [{ data: [exampleOf(entry)], nextCursor: null }] })

/** The example that a schema was given. */
export function exampleOf (schema: TSchema): unknown {
  return (schema as { examples?: readonly unknown[] }).examples?.[0]
}

// The same everywhere, so that the examples tell one story.
export const example = {
  userId: '6745f0a1b2c3d4e5f6a7b8c9',
  operatorId: '6745f0a1b2c3d4e5f6a7b8d0',
  eventId: '6745f1b2c3d4e5f6a7b8c9d0',
  rewardId: '6745f1c3d4e5f6a7b8c9d0e1',
  claimId: '6745f1b2c3d4e5f6a7b8c9d0_6745f0a1b2c3d4e5f6a7b8c9_EVENT',
  clientId: '6745f2d4e5f6a7b8c9d0e1f2',
  webhookId: '6745f3e5f6a7b8c9d0e1f2a3',
  deliveryId: 'dlv_9a4BqkY0bLx3T7rWm2Jf5hVcN8eDzQsU',
  requestId: '0f8e4c52-8f0b-4b7e-9c51-3a6f1f0b7d21',
  at: '2026-11-21T09:00:00.000Z'
} as const

/** `If-Match` of a PATCH: the `ETag` that the caller has seen (RFC 9110, 13.1.1). */
export const IfMatch = Type.Object({ 'if-match': Type.Optional(Type.String({ maxLength: 256 })) })

/** A client's own name for one attempt: the same key again gets the first success again. */
export const IdempotencyKey = Type.Object({
  'idempotency-key': Type.Optional(Type.String({ pattern: '^[\\x20-\\x7e]{1,64}$', description: 'The same caller, method, URL and key get the first success again' }))
})

/** RFC 9457. `code` is stable; `errors` is there when fields are wrong. */
export const Problem = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  detail: Type.String(),
  code: Type.String({ pattern: '^[A-Z][A-Z_]*$' }),
  requestId: Type.String(),
  errors: Type.Optional(Type.Array(Strict({ pointer: Type.String(), detail: Type.String() })))
})
export type Problem = Static<typeof Problem>
