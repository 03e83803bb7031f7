import { Type, type Static } from 'typebox'
import { exampleOf, Id, Instant, Int32, ResponseString, Strict, Text } from './common.ts'
import { example } from './examples.ts'
import { NewPassword } from './password.ts'
import { exampleClientUser, User } from './user.ts'

export const Registration = Strict({
  email: Type.String({ format: 'email', maxLength: 254, description: 'The email address to log in with.' }),
  password: NewPassword,
  name: Type.Optional(Text(100, { description: 'The name that others see.' })),
  referralCode: Type.Optional(Type.String({
    pattern: '^[A-Za-z0-9]{1,32}$', description: 'The `referralCode` of the friend who invited the user, in any case.'
  }))
}, {
  title: 'Registration',
  description: 'An account to create.',
  examples: [{ email: 'kim@example.com', password: 'a long walk by the sea', name: 'Kim' }]
})
export type Registration = Static<typeof Registration>

export const Credentials = Strict({
  email: Type.String({ minLength: 1, maxLength: 254, description: 'The email address.' }),
  password: Type.String({ minLength: 1, maxLength: 256, description: 'The password.' })
}, {
  title: 'Credentials',
  description: 'The email address and the password of a user.',
  examples: [{ email: 'kim@example.com', password: 'a long walk by the sea' }]
})
export type Credentials = Static<typeof Credentials>

const accessTokenProperties = {
  accessToken: ResponseString('A JWT (RFC 9068). Send it as `Authorization: Bearer <token>`.'),
  tokenType: Type.Literal('Bearer', { description: 'Always `Bearer`.' }),
  expiresIn: Int32('The lifetime of the access token, in seconds.')
}

const exampleAccessToken = { accessToken: 'eyJhbGciOiJSUzI1NiIs…', tokenType: 'Bearer', expiresIn: 900 }

const exampleSession = { ...exampleAccessToken, refreshToken: '6745f3e5f6a7b8c9d0e1f2a3.0.tkJVcdeBPjSI…' }

/** The tokens of a session. */
export const Tokens = Strict({
  ...accessTokenProperties,
  refreshToken: ResponseString('An opaque token that `refresh` exchanges once for new tokens.'),
  user: User
}, {
  title: 'Tokens',
  description: 'The tokens of a session.',
  examples: [{ ...exampleSession, user: exampleOf(User) }]
})
export type Tokens = Static<typeof Tokens>

/** The example session of a user of a machine client. */
export const exampleClientUserSession = { ...exampleSession, user: exampleClientUser }

/** The token of a machine client. */
export const ClientToken = Strict(accessTokenProperties, {
  title: 'ClientToken',
  description: 'The access token of a machine client.',
  examples: [exampleAccessToken]
})
export type ClientToken = Static<typeof ClientToken>

export const RefreshRequest = Strict({
  refreshToken: Type.String({
    minLength: 1, maxLength: 512, description: 'The refresh token of the last login or refresh.'
  })
}, {
  title: 'RefreshRequest',
  description: 'The refresh token to exchange.',
  examples: [{ refreshToken: 'the refresh token of the last login or refresh' }]
})
export type RefreshRequest = Static<typeof RefreshRequest>

export const ClientTokenRequest = Strict({
  clientId: Id('The id of the machine client.'),
  clientSecret: Type.String({ minLength: 1, maxLength: 256, description: 'The secret of the machine client.' })
}, {
  title: 'ClientTokenRequest',
  description: 'The id and the secret of a machine client.',
  examples: [{ clientId: example.clientId, clientSecret: 'the secret that createClient showed once' }]
})
export type ClientTokenRequest = Static<typeof ClientTokenRequest>

export const AuthStatus = Strict({
  authenticated: Type.Boolean({ description: 'Whether the access token is valid.' }),
  user: Type.Optional(User),
  expiresAt: Type.Optional(Instant('When the access token expires.'))
}, {
  title: 'AuthStatus',
  description: 'Whether an access token is valid, and its user.',
  examples: [{ authenticated: true, user: exampleOf(User), expiresAt: '2026-11-21T09:15:00.000Z' }]
})
export type AuthStatus = Static<typeof AuthStatus>
