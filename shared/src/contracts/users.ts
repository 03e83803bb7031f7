import { Type } from 'typebox'
import { Role, userRoles } from './roles.ts'
import { defineRoute } from './route.ts'
import { Id, Strict } from './schemas/common.ts'
import { IfMatch } from './schemas/headers.ts'
import { Page, PageQuery } from './schemas/pages.ts'
import { PasswordChange, PasswordConfirmation } from './schemas/password.ts'
import { MyUserPatch, User, UserPatch, UserStatus } from './schemas/user.ts'

const base = { service: 'auth-service', tag: 'Users' } as const
const byId = Strict({ userId: Id('The id of the user.') })

export const getMe = defineRoute({
  ...base,
  operationId: 'getMe',
  method: 'GET',
  url: '/v1/users/me',
  access: userRoles,
  summary: 'Get my account',
  description: 'Returns the account of the caller.',
  schema: { response: { 200: User } }
})

export const listUsers = defineRoute({
  ...base,
  operationId: 'listUsers',
  method: 'GET',
  url: '/v1/users',
  access: ['ADMIN'],
  summary: 'List users',
  description: 'Returns all accounts, or those that match every filter.',
  schema: {
    querystring: PageQuery({
      role: Type.Optional(Role),
      status: Type.Optional(UserStatus),
      q: Type.Optional(Type.String({
        minLength: 1, maxLength: 254, description: 'The beginning of the e-mail address.'
      }))
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
  summary: 'Get a user',
  description: 'Returns the account of any user.',
  refusals: { 404: ['USER_NOT_FOUND'] },
  schema: { params: byId, response: { 200: User } }
})

export const updateUser = defineRoute({
  ...base,
  operationId: 'updateUser',
  method: 'PATCH',
  url: '/v1/users/:userId',
  access: ['ADMIN'],
  summary: 'Change the role or status of a user',
  description: 'Ends all sessions of the user. The last ADMIN can be neither demoted nor disabled.',
  refusals: { 404: ['USER_NOT_FOUND'], 409: ['LAST_ADMIN'], 412: ['PRECONDITION_FAILED'] },
  schema: { params: byId, headers: IfMatch, body: UserPatch, response: { 200: User } }
})

export const updateMe = defineRoute({
  ...base,
  operationId: 'updateMe',
  method: 'PATCH',
  url: '/v1/users/me',
  access: userRoles,
  summary: 'Change my name',
  description: 'Changes the name of the caller. Sessions go on.',
  refusals: { 404: ['USER_NOT_FOUND'], 412: ['PRECONDITION_FAILED'] },
  schema: { headers: IfMatch, body: MyUserPatch, response: { 200: User } }
})

export const deleteMe = defineRoute({
  ...base,
  operationId: 'deleteMe',
  method: 'POST',
  url: '/v1/users/me/delete',
  access: userRoles,
  summary: 'Delete my account',
  description: 'Ends all sessions and erases the e-mail address and the name. Histories keep the id. ' +
    'The last ADMIN cannot be deleted.',
  refusals: {
    401: ['INVALID_CREDENTIALS'],
    404: ['USER_NOT_FOUND'],
    409: ['LAST_ADMIN'],
    429: ['TOO_MANY_ATTEMPTS'],
    503: ['TOO_BUSY']
  },
  schema: { body: PasswordConfirmation, response: { 204: Type.Null() } }
})

export const changePassword = defineRoute({
  ...base,
  operationId: 'changePassword',
  method: 'PUT',
  url: '/v1/users/me/password',
  access: userRoles,
  summary: 'Change my password',
  description: 'Ends all other sessions of the caller.',
  refusals: {
    401: ['INVALID_CREDENTIALS'],
    404: ['USER_NOT_FOUND'],
    429: ['TOO_MANY_ATTEMPTS'],
    503: ['TOO_BUSY']
  },
  schema: { body: PasswordChange, response: { 204: Type.Null() } }
})

/** Read by event-service before an operator grants something to a user. It shows nothing but the status. */
export const getAccountStatus = defineRoute({
  ...base,
  operationId: 'getAccountStatus',
  tag: 'Internal',
  method: 'GET',
  url: '/internal/users/:userId',
  access: 'private',
  summary: 'Get the status of an account',
  refusals: { 404: ['USER_NOT_FOUND'] },
  schema: { params: byId, response: { 200: Strict({ status: UserStatus }) } }
})
