import { users as contract } from '@laurel/shared/contracts'
import { etagOf, parseIfMatch, type Server } from '@laurel/shared/http'
import { actorOf, callerOf } from '@laurel/shared/tokens'
import { checkUserQuery } from '../domain/user-search.ts'
import { requireUser } from '../domain/user.ts'
import type { ClientUsers } from '../flows/client-users.ts'
import type { UpdateUser } from '../flows/update-user.ts'
import type { UserStore } from '../stores/users.ts'
import { serializeSignedIn, serializeUser, serializeUserFor } from './serializers.ts'

export interface UserRoutesOptions {
  readonly users: UserStore
  readonly updateUser: UpdateUser
  readonly clientUsers: ClientUsers
}

/** The operations of operators, machine clients and event-service on users. */
export async function userRoutes (app: Server, options: UserRoutesOptions): Promise<void> {
  const { users, updateUser, clientUsers } = options

  app.route({
    ...contract.listUsers,
    async handler (request) {
      const caller = callerOf(request).role
      const { role, status, q, ...page } = request.query
      checkUserQuery(caller, { role, status, q })
      const { data, nextCursor } = await users.list({ role, status, q }, page)
      return { data: data.map(user => serializeUserFor(caller, user)), nextCursor }
    }
  })

  app.route({
    ...contract.getUser,
    async handler (request, reply) {
      const user = requireUser(await users.find(request.params.userId))
      return await reply.header('etag', etagOf(user.version)).send(serializeUserFor(callerOf(request).role, user))
    }
  })

  app.route({
    ...contract.updateUser,
    async handler (request, reply) {
      const { params: { userId }, body: patch, headers } = request
      const isCurrent = parseIfMatch(headers['if-match'])
      const user = await updateUser({ userId, patch, isCurrent, by: actorOf(request) })
      return await reply.header('etag', etagOf(user.version)).send(serializeUser(user))
    }
  })

  app.route({
    ...contract.putUser,
    async handler (request, reply) {
      const { params: { userId }, body: { name } } = request
      const { user, isCreated } = await clientUsers.put(callerOf(request).id, userId, name)
      return await reply
        .code(isCreated ? 201 : 200)
        .header('etag', etagOf(user.version))
        .send(serializeUser(user))
    }
  })

  app.route({
    ...contract.startUserSession,
    async handler (request, reply) {
      const signedIn = await clientUsers.startSession(callerOf(request).id, request.params.userId)
      return await reply.code(201).header('cache-control', 'no-store').send(serializeSignedIn(signedIn))
    }
  })

  app.route({
    ...contract.eraseUser,
    async handler (request, reply) {
      await clientUsers.erase(actorOf(request), request.params.userId)
      return await reply.code(204).send(null)
    }
  })

  app.route({
    ...contract.getAccountStatus,
    async handler (request) {
      const { status } = requireUser(await users.find(request.params.userId))
      return { status }
    }
  })

  app.route({
    ...contract.lookupUsers,
    handler: async request => ({ users: await users.findStatuses(request.body.userIds) })
  })
}
