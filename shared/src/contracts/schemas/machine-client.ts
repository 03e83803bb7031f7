import { type Static } from 'typebox'
import { Answer, Id, Instant, Strict, Text } from './common.ts'
import { example } from './examples.ts'

const name = 'The name of the machine client.'

export const NewClient = Strict({ name: Text(100, { description: name }) }, { examples: [{ name: 'Game server' }] })
export type NewClient = Static<typeof NewClient>

/** A new machine client with its secret. */
export const ClientCredentials = Strict({
  clientId: Id('The id of the machine client.'),
  clientSecret: Answer('The secret. It is shown only in this answer.'),
  name: Answer(name)
}, {
  examples: [{
    clientId: example.clientId,
    clientSecret: 'EbgeK9uj-Uvby7OZAF9mXeoulzKszgPeTS95NsWQ2TI',
    name: 'Game server'
  }]
})
export type ClientCredentials = Static<typeof ClientCredentials>

/** A machine client without its secret. */
export const Client = Strict({
  clientId: Id('The id of the machine client.'),
  name: Answer(name),
  createdBy: Id('The id of the ADMIN who created it.'),
  createdAt: Instant('When it was created.')
}, {
  examples: [{
    clientId: example.clientId, name: 'Game server', createdBy: example.operatorId, createdAt: example.at
  }]
})
export type Client = Static<typeof Client>
