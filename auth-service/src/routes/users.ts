import { users as contract } from '@laurel/shared/contracts'
import { etagOf, ifMatch, type Server } from '@laurel/shared/http'
import { callerOf } from '@laurel/shared/tokens'
import { normaliseEmail, userNotFound } from '../domain/user.ts'
import type { SessionStore } from '../stores/sessions.ts'
import type { UserStore } from '../stores/users.ts'
import { showUser } from './answers.ts'

export interface UserRoutesOptions {
  readonly users: UserStore
  readonly sessions: SessionStore
}

export async function userRoutes (app: Server, { users, sessions }: UserRoutesOptions): Promise<void> {
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
      const { userId } = request.params
      const user = await users.changeRole(userId, request.body.role, ifMatch(request.headers['if-match']))
      // Ended after the new role is written: a login in between has read it.
      await sessions.endAllOf(userId, new Date())
      return await reply.header('etag', etagOf(user.version)).send(showUser(user))
    }
  })
}
