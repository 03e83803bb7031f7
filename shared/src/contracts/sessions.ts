import { Type } from 'typebox'
import { userRoles } from './roles.ts'
import { defineRoute } from './route.ts'
import { Id, Instant, EmptyBody, Strict } from './schemas/common.ts'
import { Page, PageQuery } from './schemas/pages.ts'
import { Revocations, Session } from './schemas/session.ts'

const base = { service: 'auth-service', tag: 'Sessions', access: userRoles } as const

export const listMySessions = defineRoute({
  ...base,
  operationId: 'listMySessions',
  method: 'GET',
  url: '/v1/users/me/sessions',
  summary: 'List my sessions',
  description: 'Returns the devices and browsers on which the caller is logged in.',
  schema: { querystring: PageQuery({}), response: { 200: Page(Session) } }
})

export const endMySession = defineRoute({
  ...base,
  operationId: 'endMySession',
  method: 'DELETE',
  url: '/v1/users/me/sessions/:sessionId',
  summary: 'End one of my sessions',
  description: 'The refresh token of the session is rejected immediately, and its access tokens within 2 seconds.',
  refusals: { 404: ['SESSION_NOT_FOUND'] },
  schema: {
    params: Strict({ sessionId: Id('The id of one of the caller\'s sessions.') }),
    body: EmptyBody,
    response: { 204: Type.Null() }
  }
})

/** Read by the gateway. It contains ids only, so it needs no token. */
export const listRevocations = defineRoute({
  service: 'auth-service',
  tag: 'Internal',
  operationId: 'listRevocations',
  method: 'GET',
  url: '/internal/revocations',
  access: 'private',
  summary: 'List ended sessions whose access tokens may not have expired yet',
  schema: {
    querystring: Strict({ since: Type.Optional(Instant('Only sessions that ended at or after this time.')) }),
    response: { 200: Revocations }
  }
})
