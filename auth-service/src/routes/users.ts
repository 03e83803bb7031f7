import { users as contract } from '@laurel/shared/contracts'
import { etagOf, parseIfMatch, type Server } from '@laurel/shared/http'
import { actorOf } from '@laurel/shared/tokens'
import { changeAccount } from '../domain/account-change.ts'
import { normalizeEmail, userNotFound, type User } from '../domain/user.ts'
import type { AccountStore } from '../stores/accounts.ts'
import type { UserStore } from '../stores/users.ts'
import { serializeUser } from './serializers.ts'

export interface UserRoutesOptions {
  readonly users: UserStore
  readonly accounts: AccountStore
}

/** What an ADMIN reads and does about other users, and what event-service asks about them. */
export async function userRoutes (app: Server, { users, accounts }: UserRoutesOptions): Promise<void> {
  async function findUser (id: string): Promise<User> {
    const user = await users.find(id)
    if (user === null) throw userNotFound()
    return user
  }

  app.route({
    ...contract.listUsers,
    async handler (request) {
      const { role, status, q, ...page } = request.query
      const emailPrefix = q === undefined ? undefined : normalizeEmail(q)
      const { data, nextCursor } = await users.list({ role, status, emailPrefix }, page)
      return { data: data.map(serializeUser), nextCursor }
    }
  })

  app.route({
    ...contract.getUser,
    async handler (request, reply) {
      const user = await findUser(request.params.userId)
      return await reply.header('etag', etagOf(user.version)).send(serializeUser(user))
    }
  })

  app.route({
    ...contract.updateUser,
    async handler (request, reply) {
      const isCurrent = parseIfMatch(request.headers['if-match'])
      const user = await accounts.change(request.params.userId, {
        action: 'updateUser',
        by: actorOf(request),
        decide: current => changeAccount(current, request.body, isCurrent)
      })
      if (user === null) throw userNotFound()
      return await reply.header('etag', etagOf(user.version)).send(serializeUser(user))
    }
  })

  app.route({
    ...contract.getAccountStatus,
    handler: async request => ({ status: (await findUser(request.params.userId)).status })
  })
}
