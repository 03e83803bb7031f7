import { users as contract } from '@laurel/shared/contracts'
import { etagOf, ifMatch, type Server } from '@laurel/shared/http'
import { actorOf, callerOf } from '@laurel/shared/tokens'
import type { FastifyRequest } from 'fastify'
import { checkNewPassword, userNotFound, type User } from '../domain/user.ts'
import type { Guesses } from '../guesses.ts'
import type { Passwords } from '../passwords.ts'
import type { AccountStore } from '../stores/accounts.ts'
import type { UserStore } from '../stores/users.ts'
import { showUser } from './answers.ts'

export interface MeRoutesOptions {
  readonly users: UserStore
  readonly accounts: AccountStore
  readonly passwords: Passwords
  readonly guesses: Guesses
}

/** What people do to their own account. */
export async function meRoutes (app: Server, { users, accounts, passwords, guesses }: MeRoutesOptions): Promise<void> {
  /** The caller's account, once the password is right. */
  async function confirm (request: FastifyRequest, password: string): Promise<User> {
    const { id, sessionId } = callerOf(request)
    const user = await users.find(id)
    if (user === null) throw userNotFound()
    await guesses.inSession(sessionId, async () => await passwords.matches(password, user.passwordHash))
    return user
  }

  app.route({
    ...contract.updateMe,
    async handler (request, reply) {
      const user = await users.rename(callerOf(request).id, request.body.name, ifMatch(request.headers['if-match']))
      if (user === null) throw userNotFound()
      return await reply.header('etag', etagOf(user.version)).send(showUser(user))
    }
  })

  app.route({
    ...contract.changePassword,
    async handler (request, reply) {
      const { currentPassword, newPassword } = request.body
      const user = await confirm(request, currentPassword)
      checkNewPassword(newPassword, user.email, '/newPassword')
      await accounts.changePassword(user, await passwords.hash(newPassword), callerOf(request).sessionId, actorOf(request))
      return await reply.code(204).send(null)
    }
  })

  app.route({
    ...contract.deleteMe,
    async handler (request, reply) {
      const user = await confirm(request, request.body.password)
      await accounts.remove(user, actorOf(request))
      return await reply.code(204).send(null)
    }
  })
}
