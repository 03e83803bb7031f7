import { me as contract } from '@laurel/shared/contracts'
import { etagOf, parseIfMatch, type Server } from '@laurel/shared/http'
import { actorOf, callerOf } from '@laurel/shared/tokens'
import { renameUser, requireUser } from '../domain/user.ts'
import type { OwnAccount } from '../flows/own-account.ts'
import type { UserStore } from '../stores/users.ts'
import { serializeUser } from './serializers.ts'

export interface MeRoutesOptions {
  readonly users: UserStore
  readonly ownAccount: OwnAccount
}

/** The operations of users on their own account. */
export async function meRoutes (app: Server, { users, ownAccount }: MeRoutesOptions): Promise<void> {
  app.route({
    ...contract.getMe,
    async handler (request, reply) {
      const user = requireUser(await users.find(callerOf(request).id))
      return await reply.header('etag', etagOf(user.version)).send(serializeUser(user))
    }
  })

  app.route({
    ...contract.updateMe,
    async handler (request, reply) {
      const isCurrent = parseIfMatch(request.headers['if-match'])
      const { id } = callerOf(request)
      const user = await users.rename(id, current => renameUser(current, request.body.name, isCurrent))
      return await reply.header('etag', etagOf(user.version)).send(serializeUser(user))
    }
  })

  app.route({
    ...contract.changePassword,
    async handler (request, reply) {
      const { currentPassword, newPassword } = request.body
      const { sessionId } = callerOf(request)
      await ownAccount.changePassword({ actor: actorOf(request), sessionId, password: currentPassword }, newPassword)
      return await reply.code(204).send(null)
    }
  })

  app.route({
    ...contract.deleteMe,
    async handler (request, reply) {
      const { sessionId } = callerOf(request)
      await ownAccount.delete({ actor: actorOf(request), sessionId, password: request.body.password })
      return await reply.code(204).send(null)
    }
  })
}
