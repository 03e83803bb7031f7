import { Type } from 'typebox'
import { userRoles } from './roles.ts'
import { defineRoute } from './route.ts'
import { EmptyBody } from './schemas/common.ts'
import { JsonWebKeySet } from './schemas/json-web-keys.ts'
import {
  AuthStatus, ClientToken, ClientTokenRequest, Credentials, RefreshRequest, Registration, Tokens
} from './schemas/sign-in.ts'
import { User } from './schemas/user.ts'

const base = { service: 'auth-service', tag: 'Sign-in' } as const

export const register = defineRoute({
  ...base,
  operationId: 'register',
  method: 'POST',
  url: '/v1/auth/register',
  access: 'public',
  limit: 'registration',
  summary: 'Create an account',
  description: 'The new user has the role USER. An ADMIN can assign another role.',
  refusals: { 409: ['EMAIL_TAKEN'] },
  schema: { body: Registration, response: { 201: User } }
})

export const login = defineRoute({
  ...base,
  operationId: 'login',
  method: 'POST',
  url: '/v1/auth/login',
  access: 'public',
  limit: 'sign-in',
  summary: 'Log in',
  description: 'Starts a session. A login counts as the activity `user.login`. It also counts as `user.visited`, at ' +
    'most once in each quarter of an hour (00:00 to 00:15, and so on). After several wrong passwords, the next ' +
    'attempt is delayed by up to 15 minutes.',
  refusals: { 401: ['INVALID_CREDENTIALS'], 429: ['TOO_MANY_ATTEMPTS'] },
  schema: { body: Credentials, response: { 200: Tokens } }
})

export const refresh = defineRoute({
  ...base,
  operationId: 'refresh',
  method: 'POST',
  url: '/v1/auth/refresh',
  access: 'public',
  repeatable: true,
  summary: 'Refresh the tokens of a session',
  description: 'A refresh token can be used once. Using it again within 10 seconds of its first use returns the ' +
    'same successor, so that a client can retry after a lost response. Using it later ends the session, because it ' +
    'may be stolen.',
  refusals: { 401: ['INVALID_REFRESH_TOKEN'] },
  schema: { body: RefreshRequest, response: { 200: Tokens } }
})

export const logout = defineRoute({
  ...base,
  operationId: 'logout',
  method: 'POST',
  url: '/v1/auth/logout',
  access: userRoles,
  summary: 'Log out',
  description: 'Ends the session of the access token. Its refresh token is rejected immediately, ' +
    'and its access tokens within 2 seconds.',
  schema: { body: EmptyBody, response: { 204: Type.Null() } }
})

export const authStatus = defineRoute({
  ...base,
  operationId: 'authStatus',
  method: 'GET',
  url: '/v1/auth/status',
  access: 'public',
  summary: 'Check an access token',
  description: 'Never returns 401. Without a token, with an invalid token, and after the session has ended, ' +
    'the response is `{"authenticated":false}`.',
  schema: { response: { 200: AuthStatus } }
})

export const jwks = defineRoute({
  ...base,
  operationId: 'jwks',
  method: 'GET',
  url: '/.well-known/jwks.json',
  access: 'public',
  summary: 'Get the public keys for access tokens',
  description: 'Returns a JSON Web Key Set (RFC 7517). Other systems can verify access tokens with it.',
  schema: { response: { 200: JsonWebKeySet } }
})

export const issueClientToken = defineRoute({
  ...base,
  operationId: 'issueClientToken',
  method: 'POST',
  url: '/v1/auth/token',
  access: 'public',
  repeatable: true,
  limit: 'sign-in',
  summary: 'Issue an access token to a machine client',
  description: 'The token has the role SERVICE. There is no refresh token: ' +
    'request a new access token before this one expires.',
  refusals: { 401: ['INVALID_CREDENTIALS'] },
  schema: { body: ClientTokenRequest, response: { 200: ClientToken } }
})
