import { Type } from 'typebox'

/** The `If-Match` header of a PATCH: the `ETag` of the version that the caller read (RFC 9110, 13.1.1). */
export const IfMatch = Type.Object({
  'if-match': Type.Optional(Type.String({
    maxLength: 256,
    description: 'The `ETag` of the version that you have read. ' +
      'If the object has changed since, the server responds with 412 and changes nothing.'
  }))
})

/** The `Idempotency-Key` header. A repeated request with the same key gets the result of the first success. */
export const IdempotencyKey = Type.Object({
  'idempotency-key': Type.Optional(Type.String({
    pattern: '^[\\x20-\\x7e]{1,64}$',
    description: 'A unique key for this request. If the same caller repeats the request with the same key and URL ' +
      'within 24 hours, it gets the result of the first success in its current state. Deleting an event or a reward ' +
      'also deletes the key that created it.'
  }))
})
