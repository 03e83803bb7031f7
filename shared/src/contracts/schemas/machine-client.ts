import { Type, type Static } from 'typebox'
import { Id, Instant, ResponseString, Strict, Text } from './common.ts'
import { example } from './examples.ts'

const name = 'The name of the machine client.'

export const NewMachineClient = Strict({
  name: Text(100, { description: name })
}, { title: 'NewMachineClient', description: 'A machine client to create.', examples: [{ name: 'Game server' }] })
export type NewMachineClient = Static<typeof NewMachineClient>

/** A new machine client with its secret. */
export const ClientCredentials = Strict({
  clientId: Id('The id of the machine client.'),
  clientSecret: ResponseString('The secret. Only this response contains it.'),
  name: ResponseString(name)
}, {
  title: 'ClientCredentials',
  description: 'A new machine client with its secret.',
  examples: [{
    clientId: example.clientId,
    clientSecret: 'EbgeK9uj-Uvby7OZAF9mXeoulzKszgPeTS95NsWQ2TI',
    name: 'Game server'
  }]
})
export type ClientCredentials = Static<typeof ClientCredentials>

/** How to rotate a secret. */
export const SecretRotation = Strict({
  keepOldFor: Type.Optional(Type.Integer({
    format: 'int32',
    minimum: 0,
    maximum: 604_800,
    description: 'How long the old secret stays valid, in seconds. By default, it becomes invalid immediately.'
  }))
}, { title: 'SecretRotation', description: 'How to rotate a secret.', examples: [{ keepOldFor: 3600 }] })
export type SecretRotation = Static<typeof SecretRotation>

/** The new secret of a machine client. */
export const ClientSecret = Strict({
  clientId: Id('The id of the machine client.'),
  clientSecret: ResponseString('The new secret. Only this response contains it.')
}, {
  title: 'ClientSecret',
  description: 'The new secret of a machine client.',
  examples: [{ clientId: example.clientId, clientSecret: 'EbgeK9uj-Uvby7OZAF9mXeoulzKszgPeTS95NsWQ2TI' }]
})
export type ClientSecret = Static<typeof ClientSecret>

/** A machine client without its secret. */
export const MachineClient = Strict({
  clientId: Id('The id of the machine client.'),
  name: ResponseString(name),
  createdBy: Id('The id of the ADMIN who created it.'),
  createdAt: Instant('When it was created.')
}, {
  title: 'MachineClient',
  description: 'A program that reports activities and deliveries.',
  examples: [{
    clientId: example.clientId, name: 'Game server', createdBy: example.operatorId, createdAt: example.at
  }]
})
export type MachineClient = Static<typeof MachineClient>
