import { Type } from 'typebox'
import { userRoles } from './roles.ts'
import { defineRoute } from './route.ts'
import { IfMatch } from './schemas/headers.ts'
import { PasswordChange, PasswordConfirmation } from './schemas/password.ts'
import { MyUserPatch, User } from './schemas/user.ts'

const base = { service: 'auth-service', tag: 'Users', access: userRoles } as const

export const getMe = defineRoute({
  ...base,
  operationId: 'getMe',
  method: 'GET',
  url: '/v1/users/me',
  summary: 'Get my account',
  description: 'Returns the account of the caller.',
  refusals: { 404: ['USER_NOT_FOUND'] },
  schema: { response: { 200: User } }
})

export const updateMe = defineRoute({
  ...base,
  operationId: 'updateMe',
  method: 'PATCH',
  url: '/v1/users/me',
  summary: 'Change my name',
  description: 'Changes the name of the caller. Sessions stay valid.',
  refusals: { 404: ['USER_NOT_FOUND'], 412: ['PRECONDITION_FAILED'] },
  schema: { headers: IfMatch, body: MyUserPatch, response: { 200: User } }
})

export const deleteMe = defineRoute({
  ...base,
  operationId: 'deleteMe',
  method: 'POST',
  url: '/v1/users/me/delete',
  summary: 'Delete my account',
  description: 'Ends all sessions and erases the email address and the name. Histories keep the user id. ' +
    'The last ADMIN cannot be deleted.',
  refusals: {
    401: ['INVALID_CREDENTIALS'],
    404: ['USER_NOT_FOUND'],
    409: ['LAST_ADMIN', 'NO_PASSWORD'],
    429: ['TOO_MANY_ATTEMPTS']
  },
  schema: { body: PasswordConfirmation, response: { 204: Type.Null() } }
})

export const changePassword = defineRoute({
  ...base,
  operationId: 'changePassword',
  method: 'PUT',
  url: '/v1/users/me/password',
  summary: 'Change my password',
  description: 'Ends all other sessions of the caller.',
  refusals: {
    401: ['INVALID_CREDENTIALS'],
    404: ['USER_NOT_FOUND'],
    409: ['NO_PASSWORD'],
    429: ['TOO_MANY_ATTEMPTS']
  },
  schema: { body: PasswordChange, response: { 204: Type.Null() } }
})
