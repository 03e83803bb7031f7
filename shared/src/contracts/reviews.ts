import { defineRoute } from './route.ts'
import { ClaimDecisions, ClaimResults, ClaimRevocations } from './schemas/claim-results.ts'
import { Claim, DeliveryReport, exampleDeliveredClaim, exampleRevokedClaim, Revocation } from './schemas/claim.ts'
import { Id, Strict } from './schemas/common.ts'
import { example } from './schemas/examples.ts'
import { IdempotencyKey } from './schemas/headers.ts'

const base = { service: 'event-service', tag: 'Claims' } as const
const byId = Strict({ claimId: Id('The id of the claim.') })
/** In bytes. 100 items with a reason of 1,000 characters each. */
const bodyLimit = 512 * 1024

export const reviewClaims = defineRoute({
  ...base,
  operationId: 'reviewClaims',
  method: 'POST',
  url: '/v1/claims/review',
  access: ['OPERATOR', 'ADMIN'],
  summary: 'Approve or reject up to 100 claims',
  description: 'Decides each claim separately, as `approveClaim` and `rejectClaim` do. ' +
    'A refused item does not affect the others. During a pause, approvals are `PAUSED` and rejections still work. ' +
    'If no item can be decided, the response is 503.',
  refusals: { 503: ['PAUSED'] },
  bodyLimit,
  schema: { headers: IdempotencyKey, body: ClaimDecisions, response: { 200: ClaimResults } }
})

export const revokeClaim = defineRoute({
  ...base,
  operationId: 'revokeClaim',
  method: 'POST',
  url: '/v1/claims/:claimId/revoke',
  access: ['ADMIN'],
  summary: 'Revoke a grant',
  description: 'Revokes a grant. Wallets no longer count it. ' +
    'Its unit of a limited reward is not granted again. The user sees the reason.',
  refusals: { 404: ['CLAIM_NOT_FOUND'], 409: ['NOT_GRANTED'] },
  examples: { 200: exampleRevokedClaim },
  schema: { params: byId, body: Revocation, response: { 200: Claim } }
})

export const revokeClaims = defineRoute({
  ...base,
  operationId: 'revokeClaims',
  method: 'POST',
  url: '/v1/claims/revoke',
  access: ['ADMIN'],
  summary: 'Revoke up to 100 grants',
  description: 'Revokes each grant separately, as `revokeClaim` does. A refused item does not affect the others.',
  examples: { 200: { results: [{ claimId: example.claimId, ok: true, claim: exampleRevokedClaim }] } },
  schema: { body: ClaimRevocations, response: { 200: ClaimResults } }
})

export const acknowledgeDelivery = defineRoute({
  ...base,
  operationId: 'acknowledgeDelivery',
  method: 'POST',
  url: '/v1/claims/:claimId/delivery',
  access: ['SERVICE', 'ADMIN'],
  repeatable: true,
  summary: 'Report the delivery of a claim',
  description: 'The game or the shop reports whether the rewards have arrived. The last report counts.',
  refusals: { 404: ['CLAIM_NOT_FOUND'], 409: ['NOT_GRANTED'] },
  examples: { 200: exampleDeliveredClaim },
  schema: { params: byId, body: DeliveryReport, response: { 200: Claim } }
})
