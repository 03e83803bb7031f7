import { Type, type Static } from 'typebox'
import { example, Id, Instant, NoBody, Page, PageQuery, Strict } from './common.ts'
import { people } from './roles.ts'
import { defineRoute } from './route.ts'

/** One place where a user is signed in. */
export const Session = Strict({
  id: Id(),
  createdAt: Instant('When it began, by a login'),
  lastUsedAt: Instant('The login or the last refresh'),
  expiresAt: Instant('When it ends unless it is refreshed before; never after REFRESH_TOKEN_TTL'),
  current: Type.Boolean({ description: 'Whether this request was made in it' })
}, { examples: [{ id: '6745f3e5f6a7b8c9d0e1f2a3', createdAt: example.at, lastUsedAt: example.at, expiresAt: '2026-12-05T09:00:00.000Z', current: true }] })
export type Session = Static<typeof Session>

const base = { service: 'auth-service', tag: 'Sessions', access: people } as const

export const listMySessions = defineRoute({
  ...base,
  operationId: 'listMySessions',
  method: 'GET',
  url: '/v1/users/me/sessions',
  summary: 'Where I am signed in',
  schema: { querystring: PageQuery({}), response: { 200: Page(Session) } }
})

export const endMySession = defineRoute({
  ...base,
  operationId: 'endMySession',
  method: 'DELETE',
  url: '/v1/users/me/sessions/:sessionId',
  summary: 'Sign out somewhere',
  description: 'Its refresh token stops to work at once, its access tokens within 2 seconds.',
  refusals: { 404: ['SESSION_NOT_FOUND'] },
  schema: { params: Strict({ sessionId: Id('One of my sessions') }), body: NoBody, response: { 204: Type.Null() } }
})

/** Ended sessions whose access tokens may not have expired yet: bare ids, so whoever reads them learns about nobody. */
export const listRevocations = defineRoute({
  service: 'auth-service',
  tag: 'Internal',
  operationId: 'listRevocations',
  method: 'GET',
  url: '/internal/revocations',
  access: 'private',
  summary: 'The sessions whose access tokens do not count any more',
  schema: {
    querystring: Strict({ since: Type.Optional(Instant('Only those that ended at this instant or later')) }),
    response: {
      200: Strict({
        asOf: Instant('The clock of auth-service before it looked'),
        revocations: Type.Array(Strict({ sessionId: Id('A session, or a machine client'), at: Instant() }))
      })
    }
  }
})
export type Revocations = Static<(typeof listRevocations)['schema']['response'][200]>
