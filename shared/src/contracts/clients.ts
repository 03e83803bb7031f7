import { Type, type Static } from 'typebox'
import { example, Id, Instant, NoBody, Page, PageQuery, Strict, Text } from './common.ts'
import { defineRoute } from './route.ts'

const base = { service: 'auth-service', tag: 'Machine clients' } as const

export const createClient = defineRoute({
  ...base,
  operationId: 'createClient',
  method: 'POST',
  url: '/v1/clients',
  access: ['ADMIN'],
  summary: 'Make a machine client: the game or the shop that sends activities',
  description: 'The secret is shown here and never again; only its hash is kept.',
  schema: {
    body: Strict({ name: Text(100) }, { examples: [{ name: 'Game server' }] }),
    response: {
      201: Strict({ clientId: Id(), clientSecret: Type.String(), name: Type.String() }, {
        examples: [{ clientId: example.clientId, clientSecret: 'EbgeK9uj-Uvby7OZAF9mXeoulzKszgPeTS95NsWQ2TI', name: 'Game server' }]
      })
    }
  }
})

/** A machine client as it is listed; its secret is kept nowhere. */
export const Client = Strict({ clientId: Id(), name: Type.String(), createdBy: Id('The ADMIN who made it'), createdAt: Instant() }, {
  examples: [{ clientId: example.clientId, name: 'Game server', createdBy: example.operatorId, createdAt: example.at }]
})
export type Client = Static<typeof Client>

export const listClients = defineRoute({
  ...base,
  operationId: 'listClients',
  method: 'GET',
  url: '/v1/clients',
  access: ['ADMIN'],
  summary: 'All machine clients',
  schema: { querystring: PageQuery({}), response: { 200: Page(Client) } }
})

export const deleteClient = defineRoute({
  ...base,
  operationId: 'deleteClient',
  method: 'DELETE',
  url: '/v1/clients/:clientId',
  access: ['ADMIN'],
  summary: 'Take a machine client away',
  description: 'Its secret stops to work at once, its tokens within 2 seconds.',
  refusals: { 404: ['CLIENT_NOT_FOUND'] },
  schema: { params: Strict({ clientId: Id('A machine client') }), body: NoBody, response: { 204: Type.Null() } }
})
