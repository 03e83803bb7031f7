import { claimParams } from './params.ts'
import { defineRoute } from './route.ts'
import { ClaimDecisions, ClaimResults } from './schemas/claim-results.ts'
import { Approval, Claim, exampleApprovedClaim, exampleRejectedClaim, Rejection } from './schemas/claim.ts'
import { IdempotencyKey } from './schemas/headers.ts'

const base = { service: 'event-service', tag: 'Claims' } as const
const reviewers = ['OPERATOR', 'ADMIN'] as const
/** In bytes. 100 items with a reason of 1,000 characters each. */
const bodyLimit = 512 * 1024

const reviewRefusals = { 403: ['SELF_REVIEW'], 404: ['CLAIM_NOT_FOUND'], 409: ['ALREADY_DECIDED'] } as const

export const approveClaim = defineRoute({
  ...base,
  operationId: 'approveClaim',
  method: 'POST',
  url: '/v1/claims/:claimId/approve',
  access: reviewers,
  summary: 'Approve a claim that awaits review',
  description: 'Grants the rewards. A claim is decided once, and never by the user who made it. ' +
    'The conditions were checked when the claim was made, so it can be approved or rejected even after its event has ' +
    'ended or was deactivated. ' +
    'If the account of the user is disabled or deleted, the claim can only be rejected. ' +
    'The body may be omitted. Users do not see the note.',
  refusals: { ...reviewRefusals, 409: ['ALREADY_DECIDED', 'USER_NOT_ACTIVE'], 503: ['PAUSED'] },
  examples: { 200: exampleApprovedClaim },
  schema: { params: claimParams, headers: IdempotencyKey, body: Approval, response: { 200: Claim } }
})

export const rejectClaim = defineRoute({
  ...base,
  operationId: 'rejectClaim',
  method: 'POST',
  url: '/v1/claims/:claimId/reject',
  access: reviewers,
  summary: 'Reject a claim that awaits review',
  description: 'The rejection is final for the period of the claim. The user sees the reason.',
  refusals: reviewRefusals,
  examples: { 200: exampleRejectedClaim },
  schema: { params: claimParams, headers: IdempotencyKey, body: Rejection, response: { 200: Claim } }
})

export const reviewClaims = defineRoute({
  ...base,
  operationId: 'reviewClaims',
  method: 'POST',
  url: '/v1/claims/review',
  access: reviewers,
  summary: 'Approve or reject up to 100 claims',
  description: 'Decides each claim separately, as `approveClaim` and `rejectClaim` do. ' +
    'A refused item does not affect the others. During a pause, approvals are `PAUSED` and rejections still work. ' +
    'If no item can be decided, the response is 503.',
  refusals: { 503: ['PAUSED'] },
  bodyLimit,
  schema: { headers: IdempotencyKey, body: ClaimDecisions, response: { 200: ClaimResults } }
})
