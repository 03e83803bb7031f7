import { Type } from 'typebox'
import { userParams } from './params.ts'
import { defineRoute } from './route.ts'
import { ActivitiesCsv, Activity, ActivityBatch, IngestionQuery, IngestionResult } from './schemas/activity.ts'
import { Instant } from './schemas/common.ts'
import { Page, PageQuery } from './schemas/pages.ts'
import { ActivityType } from './schemas/scalars.ts'

const base = { service: 'event-service', tag: 'Activities' } as const

export const ingestActivities = defineRoute({
  ...base,
  operationId: 'ingestActivities',
  method: 'POST',
  url: '/v1/activities',
  access: ['SERVICE', 'ADMIN'],
  repeatable: true,
  summary: 'Report activities',
  description: 'Stores what users did. An activity that is reported again, with the same sender, user, and id, ' +
    'counts once. If an activity is out of bounds or has a reserved type, only this activity is rejected. ' +
    'A request with an invalid shape is rejected as a whole. ' +
    'An ADMIN can also send up to 10,000 lines of `text/csv`. If a line has an invalid shape, only this line is ' +
    'rejected. Lines are stored in chunks of 500, and sending the same file again is safe. ' +
    'With `dryRun=true`, nothing is stored.',
  bodyLimit: 4 * 1024 * 1024,
  csv: {
    schema: ActivitiesCsv,
    example: 'id,userId,type,occurredAt,value,data.questId\n' +
      'order-4711,u4f9c1d2e,quest.cleared,2026-11-21T09:00:00Z,,q-7\n'
  },
  schema: { querystring: IngestionQuery, body: ActivityBatch, response: { 200: IngestionResult } }
})

/** Used by the outbox of auth-service. */
export const ingestInternalActivities = defineRoute({
  ...base,
  operationId: 'ingestInternalActivities',
  method: 'POST',
  url: '/internal/activities',
  access: 'internal',
  summary: 'Report activities that the platform observed',
  bodyLimit: 1024 * 1024,
  schema: { body: ActivityBatch, response: { 200: IngestionResult } }
})

export const listActivities = defineRoute({
  ...base,
  operationId: 'listActivities',
  method: 'GET',
  url: '/v1/users/:userId/activities',
  access: ['OPERATOR', 'ADMIN'],
  summary: 'List the activities of a user',
  description: 'Returns the evidence for a review: the activities with `occurredAt` in `[from, to)`, in this order. ' +
    'The list of a user without activities is empty.',
  refusals: { 404: ['USER_NOT_FOUND'] },
  schema: {
    params: userParams,
    querystring: PageQuery({
      type: Type.Optional(ActivityType),
      from: Type.Optional(Instant('Only activities that occurred at or after this time.')),
      to: Type.Optional(Instant('Only activities that occurred before this time.'))
    }),
    response: { 200: Page(Activity) }
  }
})
