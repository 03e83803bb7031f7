import { Type, type Static } from 'typebox'
import { Id, IdempotencyKey, Instant, NoBody, Nullable, Page, PageQuery, Strict } from './common.ts'
import { Progress } from './conditions.ts'
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
  attributes: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()]))
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
  period: Type.String({ description: '`EVENT`: once in the whole event' }),
  status: ClaimStatus,
  code: Type.Optional(Type.String({ description: 'Why it was refused' })),
  progress: Nullable(Progress),
  rewards: Type.Array(GrantedReward),
  attempts: Type.Integer(),
  delivery: Strict({ status: Type.Enum(['PENDING', 'DELIVERED', 'FAILED']), at: Nullable(Instant()), reference: Type.Optional(Type.String()) }),
  history: Type.Array(HistoryEntry),
  createdAt: Instant(),
  updatedAt: Instant()
})
export type Claim = Static<typeof Claim>

const ofEvent = Strict({ eventId: Id('An event') })

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
    409: ['EVENT_INACTIVE', 'EVENT_NOT_STARTED', 'EVENT_ENDED', 'NO_REWARDS', 'CONDITIONS_NOT_MET', 'ALREADY_CLAIMED']
  },
  schema: { params: ofEvent, headers: IdempotencyKey, body: NoBody, response: { 201: Claim } }
})

export const MyProgress = Strict({
  eligible: Type.Boolean(),
  code: Type.Optional(Type.String({ description: 'What a claim would be refused with' })),
  period: Type.String(),
  progress: Nullable(Progress),
  claim: Type.Optional(Claim)
})

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
  schema: { params: Strict({ claimId: Id('A claim') }), response: { 200: Claim } }
})
