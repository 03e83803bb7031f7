import { Type } from 'typebox'
import { claimParams, eventParams } from './params.ts'
import { userRoles } from './roles.ts'
import { defineRoute } from './route.ts'
import { claimFilters } from './schemas/claim-filters.ts'
import { ClaimProblem } from './schemas/claim-problem.ts'
import { Claim, ClaimStatus, exampleClaimForOperators } from './schemas/claim.ts'
import { EventClaimResults, EventSelection } from './schemas/claim-results.ts'
import { Id, EmptyBody } from './schemas/common.ts'
import { IdempotencyKey } from './schemas/headers.ts'
import { MyEvent, MyProgress } from './schemas/my-event.ts'
import { EventPageQuery, Page, PageQuery } from './schemas/pages.ts'
import { claimRefusals } from './schemas/refusal.ts'

const base = { service: 'event-service', tag: 'Claims' } as const
const claimants = ['USER', 'ADMIN'] as const

export const claim = defineRoute({
  ...base,
  operationId: 'claim',
  method: 'POST',
  url: '/v1/events/:eventId/claims',
  access: claimants,
  summary: 'Claim the rewards of an event',
  description: 'Checks the condition against the activities of the caller, and grants all rewards or none. ' +
    'A refusal is recorded in the claim, and the caller can claim again.',
  refusals: { 404: ['EVENT_NOT_FOUND'], 409: claimRefusals, 503: ['PAUSED'] },
  problems: { 409: ClaimProblem },
  schema: { params: eventParams, headers: IdempotencyKey, body: EmptyBody, response: { 201: Claim } }
})

export const claimMany = defineRoute({
  ...base,
  operationId: 'claimMany',
  method: 'POST',
  url: '/v1/users/me/claims',
  access: claimants,
  summary: 'Claim the rewards of several events',
  description: 'Decides each event separately, as `claim` does. A refusal does not affect the other events. ' +
    'If an event occurs twice in the request, both results are the same.',
  refusals: { 503: ['PAUSED'] },
  schema: { body: EventSelection, response: { 200: EventClaimResults } }
})

export const getMyProgress = defineRoute({
  ...base,
  operationId: 'getMyProgress',
  method: 'GET',
  url: '/v1/events/:eventId/progress',
  access: claimants,
  summary: 'Get my progress in an event',
  description: 'Returns how a claim by the caller would be decided now, and the claim of this period if there is one.',
  refusals: { 404: ['EVENT_NOT_FOUND'] },
  schema: { params: eventParams, response: { 200: MyProgress } }
})

export const listMyEvents = defineRoute({
  ...base,
  operationId: 'listMyEvents',
  method: 'GET',
  url: '/v1/users/me/events',
  access: claimants,
  summary: 'List the events that I can claim, with my progress',
  description: 'Returns everything that a client needs to show a list of events: ' +
    'the events that are running, or that have ended and can still be claimed. ' +
    'With `group`, they are ordered by `position`, then by creation.',
  schema: { querystring: EventPageQuery({}), response: { 200: Page(MyEvent) } }
})

export const listMyClaims = defineRoute({
  ...base,
  operationId: 'listMyClaims',
  method: 'GET',
  url: '/v1/users/me/claims',
  access: claimants,
  summary: 'List my claims',
  description: 'Returns the claims of the caller, including refused ones.',
  schema: {
    querystring: PageQuery({
      eventId: Type.Optional(Id('Only claims of this event.')),
      status: Type.Optional(ClaimStatus)
    }),
    response: { 200: Page(Claim) }
  }
})

export const listClaims = defineRoute({
  ...base,
  operationId: 'listClaims',
  method: 'GET',
  url: '/v1/claims',
  access: ['OPERATOR', 'AUDITOR', 'ADMIN'],
  summary: 'List claims',
  description: 'Returns the claims of all users, including refused ones, or those that match every filter. ' +
    'With `grantedFrom` or `grantedTo` they are ordered by `grantedAt`, otherwise by `createdAt`.',
  examples: { 200: { data: [exampleClaimForOperators], nextCursor: null } },
  schema: { querystring: PageQuery(claimFilters), response: { 200: Page(Claim) } }
})

export const getClaim = defineRoute({
  ...base,
  operationId: 'getClaim',
  method: 'GET',
  url: '/v1/claims/:claimId',
  access: userRoles,
  summary: 'Get a claim',
  description: 'Returns the claim with its history. A USER who requests the claim of another user gets 404.',
  refusals: { 404: ['CLAIM_NOT_FOUND'] },
  schema: { params: claimParams, response: { 200: Claim } }
})
