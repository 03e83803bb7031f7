import { Type } from 'typebox'
import { userRoles } from './roles.ts'
import { defineRoute } from './route.ts'
import { Id, Strict } from './schemas/common.ts'
import { EvaluationRequest, Evaluation } from './schemas/evaluation.ts'
import { EventPatch, EventPhase, EventStatus, EventSummary, NewEvent, RewardEvent } from './schemas/event.ts'
import { EventStats } from './schemas/event-stats.ts'
import { IdempotencyKey, IfMatch } from './schemas/headers.ts'
import { Page, PageQuery } from './schemas/pages.ts'

const base = { service: 'event-service', tag: 'Events' } as const
const operators = ['OPERATOR', 'ADMIN'] as const
const byId = Strict({ eventId: Id('The id of the event.') })

export const createEvent = defineRoute({
  ...base,
  operationId: 'createEvent',
  method: 'POST',
  url: '/v1/events',
  access: operators,
  summary: 'Create an event',
  description: 'Defines when the event runs, what users must do, and how often they may claim. ' +
    'A new event is INACTIVE unless `status` says otherwise.',
  refusals: { 422: ['IDEMPOTENCY_KEY_REUSED'] },
  schema: { headers: IdempotencyKey, body: NewEvent, response: { 201: RewardEvent } }
})

export const listEvents = defineRoute({
  ...base,
  operationId: 'listEvents',
  method: 'GET',
  url: '/v1/events',
  access: userRoles,
  summary: 'List events',
  description: 'Returns events without their rewards. A USER sees ACTIVE events only.',
  schema: {
    querystring: PageQuery({
      status: Type.Optional(EventStatus),
      phase: Type.Optional(EventPhase),
      q: Type.Optional(Type.String({
        minLength: 1, maxLength: 200, description: 'A part of the name. Case is ignored.'
      }))
    }),
    response: { 200: Page(EventSummary) }
  }
})

export const getEvent = defineRoute({
  ...base,
  operationId: 'getEvent',
  method: 'GET',
  url: '/v1/events/:eventId',
  access: userRoles,
  summary: 'Get an event',
  description: 'Returns the event with its rewards. For a USER, an event that was never ACTIVE does not exist.',
  refusals: { 404: ['EVENT_NOT_FOUND'] },
  schema: { params: byId, response: { 200: RewardEvent } }
})

export const updateEvent = defineRoute({
  ...base,
  operationId: 'updateEvent',
  method: 'PATCH',
  url: '/v1/events/:eventId',
  access: operators,
  summary: 'Change an event',
  description: 'Once the event has been ACTIVE, whatever decides a grant is frozen, ' +
    'and `endsAt` and `claimUntil` can only be moved to a later time.',
  refusals: { 404: ['EVENT_NOT_FOUND'], 409: ['EVENT_FROZEN'], 412: ['PRECONDITION_FAILED'] },
  schema: { params: byId, headers: IfMatch, body: EventPatch, response: { 200: RewardEvent } }
})

export const evaluateEvent = defineRoute({
  ...base,
  operationId: 'evaluateEvent',
  method: 'POST',
  url: '/v1/events/:eventId/evaluate',
  access: operators,
  summary: 'Evaluate an event for a user',
  description: 'Returns what a claim by the user would answer if the event were ACTIVE. ' +
    'The dates of the event are respected. With `at`, only activities up to that instant count. Nothing is stored.',
  refusals: { 404: ['EVENT_NOT_FOUND'] },
  schema: { params: byId, body: EvaluationRequest, response: { 200: Evaluation } }
})

export const getEventStats = defineRoute({
  ...base,
  operationId: 'getEventStats',
  method: 'GET',
  url: '/v1/events/:eventId/stats',
  access: ['OPERATOR', 'AUDITOR', 'ADMIN'],
  summary: 'Get the statistics of an event',
  description: 'Returns the number of claims by status, the stock of every reward, and the grants by day.',
  refusals: { 404: ['EVENT_NOT_FOUND'] },
  schema: { params: byId, response: { 200: EventStats } }
})
