import { Type } from 'typebox'
import { eventParams } from './params.ts'
import { userRoles } from './roles.ts'
import { defineRoute } from './route.ts'
import { EmptyBody } from './schemas/common.ts'
import { EvaluationRequest, Evaluation } from './schemas/evaluation.ts'
import { EventPhase, EventStatus } from './schemas/event-properties.ts'
import {
  EventClone, EventPatch, EventSummary, exampleActivatedEvent, exampleClonedEvent, exampleNewEvent, NewEvent,
  RewardEvent
} from './schemas/event.ts'
import { EventStats } from './schemas/event-stats.ts'
import { IdempotencyKey, IfMatch } from './schemas/headers.ts'
import { EventPageQuery, Page } from './schemas/pages.ts'
import { Simulation, SimulationQuery } from './schemas/simulation.ts'

const base = { service: 'event-service', tag: 'Events' } as const
const operators = ['OPERATOR', 'ADMIN'] as const

export const createEvent = defineRoute({
  ...base,
  operationId: 'createEvent',
  method: 'POST',
  url: '/v1/events',
  access: operators,
  summary: 'Create an event',
  description: 'Defines when the event runs, what users must do, and how often they may claim. ' +
    'By default, a new event is INACTIVE. ' +
    'With `rewards` and the status ACTIVE, one request creates and starts an event.',
  refusals: { 409: ['NO_REWARDS', 'EVENT_ENDED'], 422: ['IDEMPOTENCY_KEY_REUSED'] },
  examples: { 201: exampleNewEvent },
  schema: { headers: IdempotencyKey, body: NewEvent, response: { 201: RewardEvent } }
})

export const listEvents = defineRoute({
  ...base,
  operationId: 'listEvents',
  method: 'GET',
  url: '/v1/events',
  access: userRoles,
  summary: 'List events',
  description: 'Returns events without their rewards. A USER sees ACTIVE events only. ' +
    'With `group`, they are ordered by `position`, then by creation.',
  schema: {
    querystring: EventPageQuery({
      status: Type.Optional(EventStatus),
      phase: Type.Optional(EventPhase),
      q: Type.Optional(Type.String({
        minLength: 1, maxLength: 200, description: 'A part of the name, case-insensitive.'
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
  description: 'Returns the event with its rewards. A USER gets 404 for an event that is not ACTIVE.',
  refusals: { 404: ['EVENT_NOT_FOUND'] },
  schema: { params: eventParams, response: { 200: RewardEvent } }
})

export const updateEvent = defineRoute({
  ...base,
  operationId: 'updateEvent',
  method: 'PATCH',
  url: '/v1/events/:eventId',
  access: operators,
  summary: 'Change an event',
  description: 'Once the event has been ACTIVE, the properties that decide a grant are frozen, ' +
    'and `endsAt` and `claimUntil` can only be moved to a later time. ' +
    'An event becomes ACTIVE only with a reward, and while it can still be claimed. ' +
    'After the response to a deactivation, further claims are refused. ' +
    'Claims that were decided before may still be stored, and PENDING claims can still be approved.',
  refusals: {
    404: ['EVENT_NOT_FOUND'],
    409: ['EVENT_FROZEN', 'NO_REWARDS', 'EVENT_ENDED'],
    412: ['PRECONDITION_FAILED']
  },
  examples: { 200: exampleActivatedEvent },
  schema: { params: eventParams, headers: IfMatch, body: EventPatch, response: { 200: RewardEvent } }
})

export const deleteEvent = defineRoute({
  ...base,
  operationId: 'deleteEvent',
  method: 'DELETE',
  url: '/v1/events/:eventId',
  access: operators,
  summary: 'Delete an event',
  description: 'Deletes an event that was never ACTIVE, with its rewards and their coupon codes.',
  refusals: { 404: ['EVENT_NOT_FOUND'], 409: ['EVENT_FROZEN'] },
  schema: { params: eventParams, body: EmptyBody, response: { 204: Type.Null() } }
})

export const cloneEvent = defineRoute({
  ...base,
  operationId: 'cloneEvent',
  method: 'POST',
  url: '/v1/events/:eventId/clone',
  access: operators,
  summary: 'Clone an event',
  description: 'Creates an INACTIVE event with the rules and the rewards of this one, and with empty pools of codes. ' +
    'Its `claimUntil` is null.',
  refusals: { 404: ['EVENT_NOT_FOUND'] },
  examples: { 201: exampleClonedEvent },
  schema: { params: eventParams, body: EventClone, response: { 201: RewardEvent } }
})

export const evaluateEvent = defineRoute({
  ...base,
  operationId: 'evaluateEvent',
  method: 'POST',
  url: '/v1/events/:eventId/evaluate',
  access: operators,
  repeatable: true,
  summary: 'Evaluate an event for a user',
  description: 'Returns how a claim by the user would be decided if the event were ACTIVE. ' +
    'The dates of the event are respected. Only activities up to the time `at` (now by default) count. ' +
    'Nothing is stored.',
  refusals: { 404: ['EVENT_NOT_FOUND'] },
  schema: { params: eventParams, body: EvaluationRequest, response: { 200: Evaluation } }
})

export const simulateEvent = defineRoute({
  ...base,
  operationId: 'simulateEvent',
  method: 'POST',
  url: '/v1/events/:eventId/simulate',
  access: operators,
  repeatable: true,
  summary: 'Simulate an event for all users',
  description: 'Evaluates the event, as `evaluateEvent` does, for every user with an activity that the event counts: ' +
    'how many would be eligible now, and how many units they would receive. A draft can be simulated, too. ' +
    'Eligibility does not depend on the stock: compare `units` with `remaining`. ' +
    'Concurrent requests for the same event share one simulation. Nothing is stored.',
  refusals: { 404: ['EVENT_NOT_FOUND'], 503: ['TOO_MANY'] },
  schema: { params: eventParams, querystring: SimulationQuery, body: EmptyBody, response: { 200: Simulation } }
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
  schema: { params: eventParams, response: { 200: EventStats } }
})
