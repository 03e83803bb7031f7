import { auth, clients as contract } from '@laurel/shared/contracts'
import type { Server } from '@laurel/shared/http'
import { actorOf, callerOf } from '@laurel/shared/tokens'
import { newClient, secretMatches } from '../domain/client.ts'
import { revocationTime, type Lifetimes } from '../domain/session.ts'
import { invalidCredentials } from '../domain/user.ts'
import type { ClientStore } from '../stores/clients.ts'
import type { Tokens } from '../tokens.ts'
import { showClient } from './answers.ts'

export interface ClientRoutesOptions {
  readonly clients: ClientStore
  readonly tokens: Tokens
  readonly lifetimes: Lifetimes
}

export async function clientRoutes (app: Server, { clients, tokens, lifetimes }: ClientRoutesOptions): Promise<void> {
  app.route({
    ...contract.createClient,
    async handler (request, reply) {
      const { client, secret } = newClient({ name: request.body.name, createdBy: callerOf(request).id, at: new Date() })
      await clients.insert(client, actorOf(request))
      return await reply.code(201).header('cache-control', 'no-store').send({ clientId: client.id, clientSecret: secret, name: client.name })
    }
  })

  app.route({
    ...contract.listClients,
    async handler (request) {
      const { data, nextCursor } = await clients.list(request.query)
      return { data: data.map(showClient), nextCursor }
    }
  })

  app.route({
    ...contract.deleteClient,
    async handler (request, reply) {
      await clients.remove(request.params.clientId, revocationTime(lifetimes), actorOf(request))
      return await reply.code(204).send(null)
    }
  })

  app.route({
    ...auth.issueClientToken,
    async handler (request, reply) {
      const { clientId, clientSecret } = request.body
      const client = await clients.find(clientId)
      if (!secretMatches(client, clientSecret)) throw invalidCredentials('The client id or the secret is wrong')
      return await reply.header('cache-control', 'no-store').send({
        // The session of a machine is the client itself: whoever ends it, ends all its tokens.
        accessToken: tokens.accessToken({ userId: clientId, role: 'SERVICE', sessionId: clientId }),
        tokenType: 'Bearer',
        expiresIn: tokens.lifetime
      })
    }
  })
}
