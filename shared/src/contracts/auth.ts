import { Type, type Static } from 'typebox'
import { example, exampleOf, Id, Instant, NoBody, Strict, Text } from './common.ts'
import { people } from './roles.ts'
import { defineRoute } from './route.ts'
import { User } from './users.ts'

const base = { service: 'auth-service', tag: 'Sign-in' } as const

const Email = Type.String({ format: 'email', maxLength: 254 })

export const Registration = Strict({
  email: Email,
  password: Type.String({ minLength: 8, maxLength: 256, description: '8 to 256 characters of any kind; not a common one, not the e-mail' }),
  name: Type.Optional(Text(100)),
  referralCode: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9]{1,32}$', description: 'The code of the friend who invited' }))
}, { examples: [{ email: 'kim@example.com', password: 'a long walk by the sea', name: 'Kim' }] })
export type Registration = Static<typeof Registration>

export const register = defineRoute({
  ...base,
  operationId: 'register',
  method: 'POST',
  url: '/v1/auth/register',
  access: 'public',
  limit: 'registration',
  summary: 'Make an account',
  description: 'Always makes a USER; another role is given by an ADMIN.',
  refusals: { 409: ['EMAIL_TAKEN'], 503: ['TOO_BUSY'] },
  schema: { body: Registration, response: { 201: User } }
})

export const Tokens = Strict({
  accessToken: Type.String({ description: 'A JWT (RFC 9068), sent as `Authorization: Bearer …`' }),
  tokenType: Type.Literal('Bearer'),
  expiresIn: Type.Integer({ description: 'Seconds' }),
  refreshToken: Type.String(),
  user: User
}, { examples: [{ accessToken: 'eyJhbGciOiJSUzI1NiIs…', tokenType: 'Bearer', expiresIn: 900, refreshToken: '6745f3e5f6a7b8c9d0e1f2a3.0.tkJVcdeBPjSI…', user: exampleOf(User) }] })

export const login = defineRoute({
  ...base,
  operationId: 'login',
  method: 'POST',
  url: '/v1/auth/login',
  access: 'public',
  limit: 'sign-in',
  summary: 'Begin a session',
  description: 'Counts as the activities `user.login` and, at most once in 15 minutes, `user.visited`. After several wrong passwords the next try waits, 15 minutes at most.',
  refusals: { 401: ['INVALID_CREDENTIALS'], 429: ['TOO_MANY_ATTEMPTS'], 503: ['TOO_BUSY'] },
  schema: {
    // No lower bounds: what cannot be a password here is simply not the right one.
    body: Strict({ email: Type.String({ minLength: 1, maxLength: 254 }), password: Type.String({ minLength: 1, maxLength: 256 }) }, {
      examples: [{ email: 'kim@example.com', password: 'a long walk by the sea' }]
    }),
    response: { 200: Tokens }
  }
})

export const refresh = defineRoute({
  ...base,
  operationId: 'refresh',
  method: 'POST',
  url: '/v1/auth/refresh',
  access: 'public',
  summary: 'New tokens for a session',
  description: `Each refresh token is used once. Repeated within 10 seconds it gives the same successor, so that a lost answer can be asked for again;
repeated later it is taken for stolen and the session ends.`,
  refusals: { 401: ['INVALID_REFRESH_TOKEN'] },
  schema: {
    body: Strict({ refreshToken: Type.String({ minLength: 1, maxLength: 512 }) }, { examples: [{ refreshToken: 'the refresh token of the login or of the last refresh' }] }),
    response: { 200: Tokens }
  }
})

export const logout = defineRoute({
  ...base,
  operationId: 'logout',
  method: 'POST',
  url: '/v1/auth/logout',
  access: people,
  summary: 'End this session',
  description: 'Its refresh token stops to work at once, its access tokens within 2 seconds.',
  schema: { body: NoBody, response: { 204: Type.Null() } }
})

export const authStatus = defineRoute({
  ...base,
  operationId: 'authStatus',
  method: 'GET',
  url: '/v1/auth/status',
  access: 'public',
  summary: 'Whether a token still counts',
  description: 'Never 401: without a token, with a bad one and after the end of its session the answer is `{"authenticated":false}`.',
  schema: {
    response: {
      200: Strict({
        authenticated: Type.Boolean(),
        user: Type.Optional(User),
        expiresAt: Type.Optional(Instant('When this access token expires'))
      }, { examples: [{ authenticated: true, user: exampleOf(User), expiresAt: '2026-11-21T09:15:00.000Z' }] })
    }
  }
})

export const jwks = defineRoute({
  ...base,
  operationId: 'jwks',
  method: 'GET',
  url: '/.well-known/jwks.json',
  access: 'public',
  summary: 'The public keys of the access tokens (RFC 7517)',
  schema: {
    response: {
      200: Strict({
        keys: Type.Array(Strict({
          kty: Type.Literal('RSA'), kid: Type.String(), use: Type.Literal('sig'), alg: Type.Literal('RS256'), n: Type.String(), e: Type.String()
        }))
      }, { examples: [{ keys: [{ kty: 'RSA', kid: '9QxebbLggBuzfouVCbiBq8pTNEMGBphWBUUqAqqQA68', use: 'sig', alg: 'RS256', n: 'j2lav91gM6m0NwK4kWfAKajb…', e: 'AQAB' }] }] })
    }
  }
})

export const issueClientToken = defineRoute({
  ...base,
  operationId: 'issueClientToken',
  method: 'POST',
  url: '/v1/auth/token',
  access: 'public',
  limit: 'sign-in',
  summary: 'An access token for a machine client',
  description: 'With role SERVICE. There is no refresh token: ask again before it expires.',
  refusals: { 401: ['INVALID_CREDENTIALS'] },
  schema: {
    body: Strict({ clientId: Id(), clientSecret: Type.String({ minLength: 1, maxLength: 256 }) }, {
      examples: [{ clientId: example.clientId, clientSecret: 'the secret that createClient showed once' }]
    }),
    response: {
      200: Strict({ accessToken: Type.String(), tokenType: Type.Literal('Bearer'), expiresIn: Type.Integer({ description: 'Seconds' }) }, {
        examples: [{ accessToken: 'eyJhbGciOiJSUzI1NiIs…', tokenType: 'Bearer', expiresIn: 900 }]
      })
    }
  }
})
