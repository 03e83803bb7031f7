import { auth, clients as contract } from '@laurel/shared/contracts'
import type { Server } from '@laurel/shared/http'
import { callerOf } from '@laurel/shared/tokens'
import { newClient, secretMatches } from '../domain/client.ts'
import { invalidCredentials } from '../domain/user.ts'
import type { ClientStore } from '../stores/clients.ts'
import type { Tokens } from '../tokens.ts'

export interface ClientRoutesOptions {
  readonly clients: ClientStore
  readonly tokens: Tokens
}

export async function clientRoutes (app: Server, { clients, tokens }: ClientRoutesOptions): Promise<void> {
  app.route({
    ...contract.createClient,
    async handler (request, reply) {
      const { client, secret } = newClient({ name: request.body.name, createdBy: callerOf(request).id, at: new Date() })
      await clients.insert(client)
      return await reply.code(201).header('cache-control', 'no-store').send({ clientId: client.id, clientSecret: secret, name: client.name })
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
