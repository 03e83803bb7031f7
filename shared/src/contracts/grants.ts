import { eventParams } from './params.ts'
import { defineRoute } from './route.ts'
import { GrantQuery, GrantRequest, GrantResults, GrantsCsv } from './schemas/grant.ts'
import { IdempotencyKey } from './schemas/headers.ts'

export const grantRewards = defineRoute({
  service: 'event-service',
  tag: 'Claims',
  operationId: 'grantRewards',
  method: 'POST',
  url: '/v1/events/:eventId/grants',
  access: ['OPERATOR', 'ADMIN'],
  summary: 'Grant the rewards of an event manually',
  description: 'Grants the rewards to a list of users: up to 500 as JSON, or up to 10,000 lines as `text/csv`. ' +
    'Each grant is decided separately, and a refused grant writes nothing. The stock and the limit of one claim per ' +
    'period always apply, so sending the same list again is safe. If the event needs reviews, the claims await ' +
    'review, and another operator must decide. The results of long lists are streamed. ' +
    'If a pause begins in the meantime, each remaining item is `PAUSED`; send the list again after the pause.',
  refusals: { 404: ['EVENT_NOT_FOUND'], 503: ['PAUSED'] },
  bodyLimit: 2 * 1024 * 1024,
  csv: { schema: GrantsCsv, example: 'userId,period\nu4f9c1d2e,\nu8a7b6c5d,2026-11-21\n' },
  schema: {
    params: eventParams,
    querystring: GrantQuery,
    headers: IdempotencyKey,
    body: GrantRequest,
    response: { 200: GrantResults }
  }
})
