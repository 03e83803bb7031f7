import { Type, type Static } from 'typebox'
import { defineRoute } from './route.ts'
import { Id, Strict } from './schemas/common.ts'

export const Erasure = Strict({ userId: Id('The id of the erased user.') })
export type Erasure = Static<typeof Erasure>

/**
 * auth-service sends this request at least once after it has erased an account. event-service deletes the activities of
 * the user and the notes about the user. An unknown user is not an error.
 */
export const ingestErasure = defineRoute({
  service: 'event-service',
  tag: 'Internal',
  operationId: 'ingestErasure',
  method: 'POST',
  url: '/internal/erasures',
  access: 'internal',
  summary: 'Erase the data of a user',
  schema: { body: Erasure, response: { 204: Type.Null() } }
})
