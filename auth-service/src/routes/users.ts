import { users as contract } from '@laurel/shared/contracts'
import { etagOf, ifMatch, type Server } from '@laurel/shared/http'
import { actorOf, callerOf } from '@laurel/shared/tokens'
import { normaliseEmail, userNotFound } from '../domain/user.ts'
import type { AccountStore } from '../stores/accounts.ts'
import type { UserStore } from '../stores/users.ts'
import { showUser } from './answers.ts'

export interface UserRoutesOptions {
  readonly users: UserStore
  readonly accounts: AccountStore
}

export async function userRoutes (app: Server, { users, accounts }: UserRoutesOptions): Promise<void> {
  app.route({
    ...contract.getMe,
    async handler (request, reply) {
      const user = await users.find(callerOf(request).id)
      if (user === null) throw userNotFound()
      return await reply.header('etag', etagOf(user.version)).send(showUser(user))
    }
  })

  app.route({
    ...contract.listUsers,
    async handler (request) {
      const { role, status, q, ...page } = request.query
      const { data, nextCursor } = await users.list({ role, status, emailPrefix: q === undefined ? undefined : normaliseEmail(q) }, page)
      return { data: data.map(showUser), nextCursor }
    }
  })

  app.route({
    ...contract.getUser,
    async handler (request, reply) {
      const user = await users.find(request.params.userId)
      if (user === null) throw userNotFound()
      return await reply.header('etag', etagOf(user.version)).send(showUser(user))
    }
  })

  app.route({
    ...contract.updateUser,
    async handler (request, reply) {
      const user = await accounts.change(request.params.userId, request.body, ifMatch(request.headers['if-match']), actorOf(request))
      return await reply.header('etag', etagOf(user.version)).send(showUser(user))
    }
  })

  app.route({
    ...contract.getAccountStatus,
    async handler (request) {
      const user = await users.find(request.params.userId)
      if (user === null) throw userNotFound()
      return { status: user.status }
    }
  })
}
