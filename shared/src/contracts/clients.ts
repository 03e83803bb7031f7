import { Type } from 'typebox'
import { Id, Strict, Text } from './common.ts'
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
    response: { 201: Strict({ clientId: Id(), clientSecret: Type.String(), name: Type.String() }) }
  }
})
