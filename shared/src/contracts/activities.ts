import { Type, type Static } from 'typebox'
import { example, Id, Instant, Page, PageQuery, Strict } from './common.ts'
import { ActivityType } from './conditions.ts'
import { Scalars } from './rewards.ts'
import { defineRoute } from './route.ts'

const base = { service: 'event-service', tag: 'Activities' } as const

const exampleActivity = { id: 'order-4711', userId: example.userId, type: 'quest.cleared', data: { questId: 'q-7' } }

export const NewActivity = Strict({
  id: Id('The sender\'s own id: the same id again is a duplicate'),
  userId: Id('Who did it'),
  type: ActivityType,
  occurredAt: Type.Optional(Instant('When; default now')),
  value: Type.Optional(Type.Number({ description: '0 to 1,000,000,000 with at most 3 decimals' })),
  data: Type.Optional(Scalars(20, 'What conditions can ask about'))
}, { examples: [exampleActivity] })
export type NewActivity = Static<typeof NewActivity>

export const Ingestion = Strict({
  accepted: Type.Integer({ description: 'Written now' }),
  duplicates: Type.Integer({ description: 'Known already: counted once' }),
  rejected: Type.Array(Strict({ index: Type.Integer(), code: Type.String(), detail: Type.String() }))
}, { examples: [{ accepted: 1, duplicates: 0, rejected: [] }] })
export type Ingestion = Static<typeof Ingestion>

const Batch = Strict({ activities: Type.Array(NewActivity, { minItems: 1, maxItems: 500 }) }, {
  examples: [{ activities: [exampleActivity] }]
})

export const ingestActivities = defineRoute({
  ...base,
  operationId: 'ingestActivities',
  method: 'POST',
  url: '/v1/activities',
  access: ['SERVICE', 'ADMIN'],
  summary: 'Tell what users did',
  description: 'Idempotent by sender, user and id. Bounds and reserved types are rejected one by one; a wrong shape refuses the whole request.',
  bodyLimit: 1024 * 1024,
  schema: { body: Batch, response: { 200: Ingestion } }
})

/** The way of auth-service's outbox. Never mounted at the gateway. */
export const ingestInternalActivities = defineRoute({
  ...base,
  operationId: 'ingestInternalActivities',
  method: 'POST',
  url: '/internal/activities',
  access: 'internal',
  summary: 'What the platform itself saw',
  bodyLimit: 1024 * 1024,
  schema: { body: Batch, response: { 200: Ingestion } }
})

export const Activity = Strict({
  id: Id(),
  sender: Id('The client or person who told it; `platform` is the platform itself'),
  userId: Id(),
  type: ActivityType,
  occurredAt: Instant(),
  receivedAt: Instant(),
  value: Type.Optional(Type.Number()),
  data: Type.Optional(Scalars(20, 'What conditions can ask about'))
}, { examples: [{ ...exampleActivity, sender: example.clientId, occurredAt: example.at, receivedAt: example.at }] })
export type Activity = Static<typeof Activity>

export const listActivities = defineRoute({
  ...base,
  operationId: 'listActivities',
  method: 'GET',
  url: '/v1/users/:userId/activities',
  access: ['OPERATOR', 'ADMIN'],
  summary: 'What a user did: the evidence behind a review',
  description: 'By `occurredAt`, which is in `[from, to)`. A user who did nothing has an empty list.',
  refusals: { 404: ['USER_NOT_FOUND'] },
  schema: {
    params: Strict({ userId: Id('A user') }),
    querystring: PageQuery({
      type: Type.Optional(ActivityType),
      from: Type.Optional(Instant('Occurred at or after')),
      to: Type.Optional(Instant('Occurred before'))
    }),
    response: { 200: Page(Activity) }
  }
})
