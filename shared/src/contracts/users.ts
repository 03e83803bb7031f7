import { Type } from 'typebox'
import { userParams } from './params.ts'
import { Role } from './roles.ts'
import { defineRoute } from './route.ts'
import { EmptyBody, exampleOf, Strict } from './schemas/common.ts'
import { IfMatch } from './schemas/headers.ts'
import { Page, PageQuery } from './schemas/pages.ts'
import { exampleClientUserSession, Tokens } from './schemas/sign-in.ts'
import {
  AccountLookup, ClientUser, exampleClientUser, FoundAccounts, User, UserPatch, UserStatus
} from './schemas/user.ts'

const base = { service: 'auth-service', tag: 'Users' } as const

export const listUsers = defineRoute({
  ...base,
  operationId: 'listUsers',
  method: 'GET',
  url: '/v1/users',
  access: ['OPERATOR', 'ADMIN'],
  summary: 'List users',
  description: 'Returns all accounts, or those that match every filter. An OPERATOR must give `q`, of at least 3 ' +
    'characters, and no other filter. An OPERATOR sees masked email addresses.',
  schema: {
    querystring: PageQuery({
      role: Type.Optional(Role),
      status: Type.Optional(UserStatus),
      q: Type.Optional(Type.String({
        minLength: 1, maxLength: 254, description: 'The beginning of the email address, the name or the id.'
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
  access: ['OPERATOR', 'ADMIN'],
  summary: 'Get a user',
  description: 'Returns the account of any user. An OPERATOR sees a masked email address.',
  refusals: { 404: ['USER_NOT_FOUND'] },
  schema: { params: userParams, response: { 200: User } }
})

export const updateUser = defineRoute({
  ...base,
  operationId: 'updateUser',
  method: 'PATCH',
  url: '/v1/users/:userId',
  access: ['ADMIN'],
  summary: 'Change the role, status or machine client of a user',
  description: 'A change ends all sessions of the user. The last ADMIN can be neither demoted nor disabled; an ADMIN ' +
    'without a password does not count. A user without a password can have only the role USER, and only such a user ' +
    'can be assigned to a machine client.',
  refusals: { 404: ['USER_NOT_FOUND'], 409: ['LAST_ADMIN', 'NO_PASSWORD'], 412: ['PRECONDITION_FAILED'] },
  examples: { 200: { ...exampleOf(User) as object, role: 'OPERATOR' } },
  schema: { params: userParams, headers: IfMatch, body: UserPatch, response: { 200: User } }
})

export const putUser = defineRoute({
  ...base,
  operationId: 'putUser',
  method: 'PUT',
  url: '/v1/users/:userId',
  access: ['SERVICE'],
  summary: 'Create or rename a user of a machine client',
  description: 'The machine client chooses the id: 1 to 64 letters, digits, `_` or `-`. The user ' +
    'has no email address and no password. The client signs the user in with `startUserSession`. ' +
    'If the previous user with this id was erased, the new one has none of its data.',
  refusals: { 404: ['USER_NOT_FOUND'], 409: ['USER_EXISTS'] },
  examples: { 200: exampleClientUser, 201: exampleClientUser },
  schema: { params: userParams, body: ClientUser, response: { 200: User, 201: User } }
})

export const startUserSession = defineRoute({
  ...base,
  operationId: 'startUserSession',
  method: 'POST',
  url: '/v1/users/:userId/sessions',
  access: ['SERVICE'],
  summary: 'Start a session for a user of a machine client',
  description: 'Returns the same tokens as a login. The user must belong to the machine client.',
  refusals: { 404: ['USER_NOT_FOUND'], 409: ['USER_NOT_ACTIVE'] },
  examples: { 201: exampleClientUserSession },
  schema: { params: userParams, body: EmptyBody, response: { 201: Tokens } }
})

export const eraseUser = defineRoute({
  ...base,
  operationId: 'eraseUser',
  method: 'POST',
  url: '/v1/users/:userId/erase',
  access: ['ADMIN', 'SERVICE'],
  repeatable: true,
  summary: 'Erase a user',
  description: 'Deletes the account and, in event-service, the activities of the user and what people wrote ' +
    'about the user: notes, reasons, and references of deliveries. Claims, the ledger and counts keep the id, and ' +
    'the audit keeps the reasons of grants to several users. A machine client can erase only its own users.',
  refusals: { 404: ['USER_NOT_FOUND'], 409: ['LAST_ADMIN'] },
  schema: { params: userParams, body: EmptyBody, response: { 204: Type.Null() } }
})

/** event-service reads this before it grants rewards to a list of users. */
export const lookupUsers = defineRoute({
  ...base,
  operationId: 'lookupUsers',
  tag: 'Internal',
  method: 'POST',
  url: '/internal/users/lookup',
  access: 'private',
  summary: 'Get the status of several accounts',
  schema: { body: AccountLookup, response: { 200: FoundAccounts } }
})

/** event-service reads this before a claim is approved. It returns only the status. */
export const getAccountStatus = defineRoute({
  ...base,
  operationId: 'getAccountStatus',
  tag: 'Internal',
  method: 'GET',
  url: '/internal/users/:userId',
  access: 'private',
  summary: 'Get the status of an account',
  refusals: { 404: ['USER_NOT_FOUND'] },
  schema: { params: userParams, response: { 200: Strict({ status: UserStatus }) } }
})
