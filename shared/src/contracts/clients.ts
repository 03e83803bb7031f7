import { Type } from 'typebox'
import { defineRoute } from './route.ts'
import { Id, EmptyBody, Strict } from './schemas/common.ts'
import {
  ClientCredentials, ClientSecret, MachineClient, NewMachineClient, SecretRotation
} from './schemas/machine-client.ts'
import { Page, PageQuery } from './schemas/pages.ts'

const base = { service: 'auth-service', tag: 'Machine clients' } as const

export const createClient = defineRoute({
  ...base,
  operationId: 'createClient',
  method: 'POST',
  url: '/v1/clients',
  access: ['ADMIN'],
  summary: 'Create a machine client',
  description: 'A machine client is a program, such as a game server or a shop, that reports activities. ' +
    'Only this response contains the secret; the platform stores its hash.',
  schema: { body: NewMachineClient, response: { 201: ClientCredentials } }
})

export const listClients = defineRoute({
  ...base,
  operationId: 'listClients',
  method: 'GET',
  url: '/v1/clients',
  access: ['ADMIN'],
  summary: 'List machine clients',
  description: 'Returns all machine clients without their secrets.',
  schema: { querystring: PageQuery({}), response: { 200: Page(MachineClient) } }
})

export const rotateClientSecret = defineRoute({
  ...base,
  operationId: 'rotateClientSecret',
  method: 'POST',
  url: '/v1/clients/:clientId/secret',
  access: ['ADMIN'],
  summary: 'Rotate the secret of a machine client',
  description: 'Returns a new secret. Only this response contains it. The old secret stays valid for ' +
    '`keepOldFor` seconds, so that a running program can be changed without downtime. Only one old secret is kept: ' +
    'the next rotation ends the validity of the one before it.',
  refusals: { 404: ['CLIENT_NOT_FOUND'] },
  schema: {
    params: Strict({ clientId: Id('The id of the machine client.') }),
    body: SecretRotation,
    response: { 200: ClientSecret }
  }
})

export const deleteClient = defineRoute({
  ...base,
  operationId: 'deleteClient',
  method: 'DELETE',
  url: '/v1/clients/:clientId',
  access: ['ADMIN'],
  summary: 'Delete a machine client',
  description: 'Its secret is rejected immediately, and its access tokens within 2 seconds.',
  refusals: { 404: ['CLIENT_NOT_FOUND'] },
  schema: {
    params: Strict({ clientId: Id('The id of the machine client.') }),
    body: EmptyBody,
    response: { 204: Type.Null() }
  }
})
