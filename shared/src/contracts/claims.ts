import { Type, type Static } from 'typebox'
import { example, exampleOf, Id, IdempotencyKey, Instant, NoBody, Nullable, Page, PageQuery, Strict, Text } from './common.ts'
import { Progress } from './conditions.ts'
import { Evaluation, EventSummary, exampleProgress } from './events.ts'
import { RewardType } from './rewards.ts'
import { defineRoute } from './route.ts'

const base = { service: 'event-service', tag: 'Claims' } as const

export const ClaimStatus = Type.Enum(['GRANTED', 'PENDING', 'REJECTED', 'FAILED', 'REVOKED'])
export type ClaimStatus = Static<typeof ClaimStatus>

export const GrantedReward = Strict({
  rewardId: Id(),
  type: RewardType,
  name: Type.String(),
  amount: Type.Integer(),
  currency: Type.Optional(Type.String()),
  itemId: Type.Optional(Type.String()),
  attributes: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()])),
  couponCode: Type.Optional(Type.String({ description: 'Of a COUPON that was granted; not shown to an AUDITOR' }))
})
export type GrantedReward = Static<typeof GrantedReward>

export const HistoryEntry = Strict({
  at: Instant(),
  by: Type.Optional(Id('Who; not shown to users')),
  role: Type.String(),
  from: Nullable(ClaimStatus),
  to: ClaimStatus,
  code: Type.Optional(Type.String()),
  note: Type.Optional(Type.String()),
  requestId: Type.String()
})

export const Claim = Strict({
  id: Id(),
  eventId: Id(),
  userId: Id(),
  period: Type.String({ description: '`EVENT`, or the date `2026-11-21`, the ISO week `2026-W47`, the month `2026-11` in the event\'s zone' }),
  status: ClaimStatus,
  code: Type.Optional(Type.String({ description: 'Why it was refused' })),
  progress: Nullable(Progress),
  rewards: Type.Array(GrantedReward),
  attempts: Type.Integer(),
  delivery: Strict({ status: Type.Enum(['PENDING', 'DELIVERED', 'FAILED']), at: Nullable(Instant()), reference: Type.Optional(Type.String()) }),
  history: Type.Array(HistoryEntry),
  createdAt: Instant(),
  updatedAt: Instant()
}, {
  examples: [{
    id: example.claimId,
    eventId: example.eventId,
    userId: example.userId,
    period: 'EVENT',
    status: 'GRANTED',
    progress: exampleProgress,
    rewards: [{ rewardId: example.rewardId, type: 'POINT', name: '500 points', amount: 500, attributes: {} }],
    attempts: 1,
    delivery: { status: 'PENDING', at: null },
    history: [{ at: example.at, role: 'USER', from: null, to: 'GRANTED', requestId: example.requestId }],
    createdAt: example.at,
    updatedAt: example.at
  }]
})
export type Claim = Static<typeof Claim>

const ofEvent = Strict({ eventId: Id('An event') })
const byId = Strict({ claimId: Id('A claim') })

export const claim = defineRoute({
  ...base,
  operationId: 'claim',
  method: 'POST',
  url: '/v1/events/:eventId/claims',
  access: ['USER', 'ADMIN'],
  summary: 'Ask for my reward',
  description: 'The condition is verified from what the caller really did. A refusal is recorded and may be tried again.',
  refusals: {
    404: ['EVENT_NOT_FOUND'],
    409: ['EVENT_INACTIVE', 'EVENT_NOT_STARTED', 'EVENT_ENDED', 'NO_REWARDS', 'CONDITIONS_NOT_MET', 'OUT_OF_STOCK', 'ALREADY_CLAIMED', 'CLAIM_REJECTED']
  },
  schema: { params: ofEvent, headers: IdempotencyKey, body: NoBody, response: { 201: Claim } }
})

export const MyProgress = Strict({ ...Evaluation.properties, claim: Type.Optional(Claim) }, { examples: [exampleOf(Evaluation)] })

export const getMyProgress = defineRoute({
  ...base,
  operationId: 'getMyProgress',
  method: 'GET',
  url: '/v1/events/:eventId/progress',
  access: ['USER', 'ADMIN'],
  summary: 'How far I am',
  refusals: { 404: ['EVENT_NOT_FOUND'] },
  schema: { params: ofEvent, response: { 200: MyProgress } }
})

export const listMyEvents = defineRoute({
  ...base,
  operationId: 'listMyEvents',
  method: 'GET',
  url: '/v1/users/me/events',
  access: ['USER', 'ADMIN'],
  summary: 'The running events with my progress',
  description: 'A client\'s whole event screen in one call.',
  schema: {
    querystring: PageQuery({}),
    response: { 200: Page(Strict({ event: EventSummary, ...MyProgress.properties }, { examples: [{ event: exampleOf(EventSummary), ...exampleOf(Evaluation) as object }] })) }
  }
})

export const listMyClaims = defineRoute({
  ...base,
  operationId: 'listMyClaims',
  method: 'GET',
  url: '/v1/users/me/claims',
  access: ['USER', 'ADMIN'],
  summary: 'What I asked for',
  schema: {
    querystring: PageQuery({ eventId: Type.Optional(Id()), status: Type.Optional(ClaimStatus) }),
    response: { 200: Page(Claim) }
  }
})

export const listClaims = defineRoute({
  ...base,
  operationId: 'listClaims',
  method: 'GET',
  url: '/v1/claims',
  access: ['OPERATOR', 'AUDITOR', 'ADMIN'],
  summary: 'What everyone asked for',
  schema: {
    querystring: PageQuery({
      eventId: Type.Optional(Id()),
      userId: Type.Optional(Id()),
      status: Type.Optional(ClaimStatus),
      from: Type.Optional(Instant('Made at or after')),
      to: Type.Optional(Instant('Made before'))
    }),
    response: { 200: Page(Claim) }
  }
})

export const getClaim = defineRoute({
  ...base,
  operationId: 'getClaim',
  method: 'GET',
  url: '/v1/claims/:claimId',
  access: ['USER', 'OPERATOR', 'AUDITOR', 'ADMIN'],
  summary: 'One claim with its history',
  description: 'For a USER another user\'s claim is 404.',
  refusals: { 404: ['CLAIM_NOT_FOUND'] },
  schema: { params: byId, response: { 200: Claim } }
})

const decisionRefusals = { 403: ['SELF_REVIEW'], 404: ['CLAIM_NOT_FOUND'], 409: ['ALREADY_DECIDED'] } as const

export const approveClaim = defineRoute({
  ...base,
  operationId: 'approveClaim',
  method: 'POST',
  url: '/v1/claims/:claimId/approve',
  access: ['OPERATOR', 'ADMIN'],
  summary: 'Grant a claim that waits for a review',
  description: 'Decided once; nobody decides about the own claim. Where the account of the claim is disabled or gone it can only be rejected.',
  refusals: { ...decisionRefusals, 409: ['ALREADY_DECIDED', 'USER_NOT_ACTIVE'] },
  schema: {
    params: byId,
    headers: IdempotencyKey,
    body: Strict({ note: Type.Optional(Text(1000)) }, { examples: [{ note: 'Checked with support' }] }),
    response: { 200: Claim }
  }
})

export const rejectClaim = defineRoute({
  ...base,
  operationId: 'rejectClaim',
  method: 'POST',
  url: '/v1/claims/:claimId/reject',
  access: ['OPERATOR', 'ADMIN'],
  summary: 'Refuse a claim that waits for a review',
  description: 'Final for its period; the reason is shown to the user.',
  refusals: decisionRefusals,
  schema: {
    params: byId,
    headers: IdempotencyKey,
    body: Strict({ reason: Text(1000) }, { examples: [{ reason: 'The quest was cleared with a bot' }] }),
    response: { 200: Claim }
  }
})
