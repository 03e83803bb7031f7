import { Type, type Static } from 'typebox'
import { example, Id, IfMatch, Instant, Nullable, Page, PageQuery, Strict, Text } from './common.ts'
import { people, Role } from './roles.ts'
import { defineRoute } from './route.ts'

const exampleUser = {
  id: example.userId, email: 'kim@example.com', name: 'Kim', role: 'USER', status: 'ACTIVE', referralCode: 'K7Q2M9XWPA', createdAt: example.at
}

export const User = Strict({
  id: Id(),
  email: Type.String(),
  name: Type.Union([Type.String(), Type.Null()]),
  role: Role,
  status: Type.Enum(['ACTIVE', 'DISABLED']),
  referralCode: Type.String({ description: 'Given to friends: whoever registers with it was invited by this user' }),
  createdAt: Instant()
}, { examples: [exampleUser] })
export type User = Static<typeof User>

const base = { service: 'auth-service', tag: 'Users' } as const
const byId = Strict({ userId: Id('A user') })

export const getMe = defineRoute({
  ...base,
  operationId: 'getMe',
  method: 'GET',
  url: '/v1/users/me',
  access: ['USER', 'OPERATOR', 'AUDITOR', 'ADMIN'],
  summary: 'Who I am',
  schema: { response: { 200: User } }
})

export const listUsers = defineRoute({
  ...base,
  operationId: 'listUsers',
  method: 'GET',
  url: '/v1/users',
  access: ['ADMIN'],
  summary: 'All accounts',
  schema: {
    querystring: PageQuery({
      role: Type.Optional(Role),
      status: Type.Optional(Type.Enum(['ACTIVE', 'DISABLED'])),
      q: Type.Optional(Type.String({ minLength: 1, maxLength: 254, description: 'The beginning of an e-mail address' }))
    }),
    response: { 200: Page(User) }
  }
})

export const getUser = defineRoute({
  ...base,
  operationId: 'getUser',
  method: 'GET',
  url: '/v1/users/:userId',
  access: ['ADMIN'],
  summary: 'One account',
  refusals: { 404: ['USER_NOT_FOUND'] },
  schema: { params: byId, response: { 200: User } }
})

export const UserPatch = Strict({ role: Type.Optional(Role), status: Type.Optional(Type.Enum(['ACTIVE', 'DISABLED'])) }, { minProperties: 1, examples: [{ role: 'OPERATOR' }] })
export type UserPatch = Static<typeof UserPatch>

export const updateUser = defineRoute({
  ...base,
  operationId: 'updateUser',
  method: 'PATCH',
  url: '/v1/users/:userId',
  access: ['ADMIN'],
  summary: 'Give a person another role, or disable the account',
  description: 'Ends the sessions of that user. The last ADMIN can be neither demoted nor disabled.',
  refusals: { 404: ['USER_NOT_FOUND'], 409: ['LAST_ADMIN'], 412: ['PRECONDITION_FAILED'] },
  schema: { params: byId, headers: IfMatch, body: UserPatch, response: { 200: User } }
})

export const updateMe = defineRoute({
  ...base,
  operationId: 'updateMe',
  method: 'PATCH',
  url: '/v1/users/me',
  access: people,
  summary: 'Change my name',
  refusals: { 404: ['USER_NOT_FOUND'], 412: ['PRECONDITION_FAILED'] },
  schema: {
    headers: IfMatch,
    body: Strict({ name: Nullable(Text(100)) }, { examples: [{ name: 'Kim' }] }),
    response: { 200: User }
  }
})

/** What cannot be the password is simply not the right one. */
const Password = Type.String({ minLength: 1, maxLength: 256 })

export const deleteMe = defineRoute({
  ...base,
  operationId: 'deleteMe',
  method: 'POST',
  url: '/v1/users/me/delete',
  access: people,
  summary: 'Delete my account',
  description: 'Signs out everywhere and erases e-mail and name for good; histories keep the bare id. The last ADMIN cannot go.',
  refusals: { 401: ['INVALID_CREDENTIALS'], 404: ['USER_NOT_FOUND'], 409: ['LAST_ADMIN'], 429: ['TOO_MANY_ATTEMPTS'], 503: ['TOO_BUSY'] },
  schema: { body: Strict({ password: Password }, { examples: [{ password: 'a long walk by the sea' }] }), response: { 204: Type.Null() } }
})

export const changePassword = defineRoute({
  ...base,
  operationId: 'changePassword',
  method: 'PUT',
  url: '/v1/users/me/password',
  access: people,
  summary: 'Change my password',
  description: 'Ends all my other sessions.',
  refusals: { 401: ['INVALID_CREDENTIALS'], 404: ['USER_NOT_FOUND'], 429: ['TOO_MANY_ATTEMPTS'], 503: ['TOO_BUSY'] },
  schema: {
    body: Strict({ currentPassword: Password, newPassword: Type.String({ minLength: 8, maxLength: 256 }) }, {
      examples: [{ currentPassword: 'a long walk by the sea', newPassword: 'a longer walk by the sea' }]
    }),
    response: { 204: Type.Null() }
  }
})

/** For event-service, before an operator's decision gives something to somebody: nothing but whether the account may still use it. */
export const getAccountStatus = defineRoute({
  ...base,
  operationId: 'getAccountStatus',
  tag: 'Internal',
  method: 'GET',
  url: '/internal/users/:userId',
  access: 'private',
  summary: 'Whether an account is active',
  refusals: { 404: ['USER_NOT_FOUND'] },
  schema: { params: byId, response: { 200: Strict({ status: User.properties.status }) } }
})
