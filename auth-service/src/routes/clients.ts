import { clients as contract } from '@laurel/shared/contracts'
import type { Server } from '@laurel/shared/http'
import { actorOf, callerOf } from '@laurel/shared/tokens'
import { createClient } from '../domain/client.ts'
import { revocationTime, type Lifetimes } from '../domain/session.ts'
import type { RotateClientSecret } from '../flows/rotate-client-secret.ts'
import type { ClientStore } from '../stores/clients.ts'
import { serializeClient } from './serializers.ts'

export interface ClientRoutesOptions {
  readonly clients: ClientStore
  readonly lifetimes: Lifetimes
  readonly rotateClientSecret: RotateClientSecret
}

/** The operations with which an ADMIN manages machine clients. */
export async function clientRoutes (app: Server, options: ClientRoutesOptions): Promise<void> {
  const { clients, lifetimes, rotateClientSecret } = options

  app.route({
    ...contract.createClient,
    async handler (request, reply) {
      const input = { name: request.body.name, createdBy: callerOf(request).id, at: new Date() }
      const { client, secret } = createClient(input)
      await clients.insert(client, actorOf(request))
      return await reply
        .code(201)
        .header('cache-control', 'no-store')
        .send({ clientId: client.id, clientSecret: secret, name: client.name })
    }
  })

  app.route({
    ...contract.listClients,
    async handler (request) {
      const { data, nextCursor } = await clients.list(request.query)
      return { data: data.map(serializeClient), nextCursor }
    }
  })

  app.route({
    ...contract.rotateClientSecret,
    async handler (request, reply) {
      const { params: { clientId }, body: { keepOldFor } } = request
      const clientSecret = await rotateClientSecret(clientId, keepOldFor ?? 0, actorOf(request))
      return await reply.header('cache-control', 'no-store').send({ clientId, clientSecret })
    }
  })

  app.route({
    ...contract.deleteClient,
    async handler (request, reply) {
      await clients.delete(request.params.clientId, revocationTime(lifetimes), actorOf(request))
      return await reply.code(204).send(null)
    }
  })
}
