import { Type, type Static } from 'typebox'
import { example, exampleOf, Id, IdempotencyKey, IfMatch, Instant, Nullable, Page, PageQuery, Strict, Text } from './common.ts'
import { Condition, ConditionText, KnownCondition, Progress } from './conditions.ts'
import { Reward } from './rewards.ts'
import { defineRoute } from './route.ts'

const base = { service: 'event-service', tag: 'Events' } as const
const operators = ['OPERATOR', 'ADMIN'] as const
const readers = ['USER', 'OPERATOR', 'AUDITOR', 'ADMIN'] as const

export const EventStatus = Type.Enum(['ACTIVE', 'INACTIVE'], { description: 'Switched by an operator' })
export const EventPhase = Type.Enum(['SCHEDULED', 'RUNNING', 'ENDED'], { description: 'Computed from startsAt and endsAt' })
const ClaimPeriod = Type.Enum(['EVENT', 'DAY', 'WEEK', 'MONTH'], { description: 'How often one user may claim: once in the event, or each calendar day, ISO week or month in its zone' })
const GrantMode = Type.Enum(['AUTO', 'REVIEW'], { description: 'AUTO: granted at once; REVIEW: an operator approves or rejects' })
const TimeZone = Type.String({ format: 'iana-time-zone', maxLength: 64, description: 'An IANA name; days are calendar dates in this zone' })

const exampleEvent = {
  name: 'Welcome week',
  description: 'Visit once, take 500 points',
  startsAt: '2026-11-01T00:00:00Z',
  endsAt: '2026-12-01T00:00:00Z',
  timeZone: 'Asia/Seoul',
  condition: { aggregation: 'count', activity: 'user.login', target: 1 }
}

const writable = {
  name: Text(200),
  description: Type.String({ maxLength: 5000 }),
  startsAt: Instant('The first instant that counts'),
  endsAt: Instant('The first instant that no longer counts'),
  claimUntil: Nullable(Instant('Until when rewards can be asked for; null: endsAt')),
  timeZone: TimeZone,
  condition: Nullable(Condition),
  claimPeriod: ClaimPeriod,
  grantMode: GrantMode,
  status: EventStatus
}

export const NewEvent = Strict({
  name: writable.name,
  description: Type.Optional(writable.description),
  startsAt: writable.startsAt,
  endsAt: writable.endsAt,
  claimUntil: Type.Optional(writable.claimUntil),
  timeZone: Type.Optional(writable.timeZone),
  condition: Type.Optional(writable.condition),
  claimPeriod: Type.Optional(writable.claimPeriod),
  grantMode: Type.Optional(writable.grantMode),
  status: Type.Optional(writable.status)
}, { examples: [exampleEvent] })
export type NewEvent = Static<typeof NewEvent>

export const EventPatch = Type.Partial(Strict(writable), { additionalProperties: false, minProperties: 1, examples: [{ status: 'ACTIVE' }] })
export type EventPatch = Static<typeof EventPatch>

const eventProperties = {
  id: Id(),
  ...writable,
  name: Type.String(),
  timeZone: Type.String(),
  condition: Nullable(KnownCondition),
  conditionText: ConditionText,
  phase: EventPhase,
  version: Type.Integer({ description: 'Also the ETag; honoured in If-Match' }),
  createdAt: Instant(),
  updatedAt: Instant()
}

const exampleSummary = {
  ...exampleEvent,
  id: example.eventId,
  startsAt: '2026-11-01T00:00:00.000Z',
  endsAt: '2026-12-01T00:00:00.000Z',
  claimUntil: null,
  claimPeriod: 'EVENT',
  grantMode: 'AUTO',
  status: 'ACTIVE',
  conditionText: { en: 'Log in', ko: '로그인 1회' },
  phase: 'RUNNING',
  version: 3,
  createdAt: example.at,
  updatedAt: example.at
}

/** An event in a list: without its rewards. */
export const EventSummary = Strict(eventProperties, { examples: [exampleSummary] })
export type EventSummary = Static<typeof EventSummary>

// Not called `Event`: that name is a global of Node's.
export const RewardEvent = Strict({ ...eventProperties, rewards: Type.Array(Reward) }, { examples: [{ ...exampleSummary, rewards: [exampleOf(Reward)] }] })
export type RewardEvent = Static<typeof RewardEvent>

const byId = Strict({ eventId: Id('An event') })

export const createEvent = defineRoute({
  ...base,
  operationId: 'createEvent',
  method: 'POST',
  url: '/v1/events',
  access: operators,
  summary: 'Define an event',
  refusals: { 422: ['IDEMPOTENCY_KEY_REUSED'] },
  schema: { headers: IdempotencyKey, body: NewEvent, response: { 201: RewardEvent } }
})

export const listEvents = defineRoute({
  ...base,
  operationId: 'listEvents',
  method: 'GET',
  url: '/v1/events',
  access: readers,
  summary: 'All events',
  description: 'A USER sees ACTIVE events only.',
  schema: {
    querystring: PageQuery({
      status: Type.Optional(EventStatus),
      phase: Type.Optional(EventPhase),
      q: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'A part of the name, in any case' }))
    }),
    response: { 200: Page(EventSummary) }
  }
})

export const getEvent = defineRoute({
  ...base,
  operationId: 'getEvent',
  method: 'GET',
  url: '/v1/events/:eventId',
  access: readers,
  summary: 'One event with its rewards',
  refusals: { 404: ['EVENT_NOT_FOUND'] },
  schema: { params: byId, response: { 200: RewardEvent } }
})

export const exampleProgress = { aggregation: 'count', activity: 'user.login', target: 1, current: 1, met: true }

export const Evaluation = Strict({
  eligible: Type.Boolean(),
  code: Type.Optional(Type.String({ description: 'What a claim would be refused with' })),
  period: Type.String(),
  progress: Nullable(Progress)
}, { examples: [{ eligible: true, period: 'EVENT', progress: exampleProgress }] })

export const evaluateEvent = defineRoute({
  ...base,
  operationId: 'evaluateEvent',
  method: 'POST',
  url: '/v1/events/:eventId/evaluate',
  access: operators,
  summary: 'What a claim of a user would answer',
  description: 'Were the event ACTIVE; its dates count. Writes nothing. With `at`, only activities up to that instant count.',
  refusals: { 404: ['EVENT_NOT_FOUND'] },
  schema: {
    params: byId,
    body: Strict({ userId: Id(), at: Type.Optional(Instant('Default now')) }, { examples: [{ userId: example.userId }] }),
    response: { 200: Evaluation }
  }
})

export const updateEvent = defineRoute({
  ...base,
  operationId: 'updateEvent',
  method: 'PATCH',
  url: '/v1/events/:eventId',
  access: operators,
  summary: 'Change an event',
  description: 'What decides a grant is frozen once the event has been ACTIVE; endsAt and claimUntil then move later only.',
  refusals: { 404: ['EVENT_NOT_FOUND'], 409: ['EVENT_FROZEN'], 412: ['PRECONDITION_FAILED'] },
  schema: { params: byId, headers: IfMatch, body: EventPatch, response: { 200: RewardEvent } }
})

export const EventStats = Strict({
  eventId: Id(),
  asOf: Instant('When it was counted, up to 5 s ago'),
  claims: Strict({ GRANTED: Type.Integer(), PENDING: Type.Integer(), REJECTED: Type.Integer(), FAILED: Type.Integer(), REVOKED: Type.Integer() }),
  rewards: Type.Array(Strict({
    rewardId: Id(),
    granted: Type.Integer({ description: 'Grants that were taken back included: their units are not resold' }),
    held: Type.Integer({ description: 'Held by claims that wait for a review' }),
    remaining: Nullable(Type.Integer())
  })),
  days: Type.Array(Strict({ date: Type.String({ description: 'The day of the decision in the event\'s zone' }), granted: Type.Integer() }))
}, {
  examples: [{
    eventId: example.eventId,
    asOf: example.at,
    claims: { GRANTED: 1, PENDING: 0, REJECTED: 0, FAILED: 2, REVOKED: 0 },
    rewards: [{ rewardId: example.rewardId, granted: 1, held: 0, remaining: 999 }],
    days: [{ date: '2026-11-21', granted: 1 }]
  }]
})
export type EventStats = Static<typeof EventStats>

export const getEventStats = defineRoute({
  ...base,
  operationId: 'getEventStats',
  method: 'GET',
  url: '/v1/events/:eventId/stats',
  access: ['OPERATOR', 'AUDITOR', 'ADMIN'],
  summary: 'How an event goes',
  description: 'Claims by status, rewards granted, held and left, grants by day.',
  refusals: { 404: ['EVENT_NOT_FOUND'] },
  schema: { params: byId, response: { 200: EventStats } }
})
