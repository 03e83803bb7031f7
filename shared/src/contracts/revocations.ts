import { claimParams } from './params.ts'
import { defineRoute } from './route.ts'
import { ClaimResults, ClaimRevocations } from './schemas/claim-results.ts'
import { Claim, exampleRevokedClaim, Revocation } from './schemas/claim.ts'
import { example } from './schemas/examples.ts'

const base = { service: 'event-service', tag: 'Claims' } as const

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
  schema: { params: claimParams, body: Revocation, response: { 200: Claim } }
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
