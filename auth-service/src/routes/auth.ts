import { auth } from '@laurel/shared/contracts'
import { etagOf, type Server } from '@laurel/shared/http'
import { callerOf } from '@laurel/shared/tokens'
import type { IssueClientToken } from '../flows/issue-client-token.ts'
import type { Login } from '../flows/login.ts'
import type { ReadAuthStatus } from '../flows/read-auth-status.ts'
import type { Refresh } from '../flows/refresh.ts'
import type { Register } from '../flows/register.ts'
import type { KeyRing } from '../keys/key-ring.ts'
import type { SessionStore } from '../stores/sessions.ts'
import { serializeSignedIn, serializeUser } from './serializers.ts'
import { trimFields } from './trim-fields.ts'

export interface AuthRoutesOptions {
  readonly register: Register
  readonly login: Login
  readonly refresh: Refresh
  readonly readAuthStatus: ReadAuthStatus
  readonly issueClientToken: IssueClientToken
  readonly sessions: SessionStore
  readonly keys: KeyRing
}

/** The operations for registration, login and logout. */
export async function authRoutes (app: Server, options: AuthRoutesOptions): Promise<void> {
  const { sessions, keys } = options

  app.route({
    ...auth.register,
    preValidation: trimFields('email', 'referralCode'),
    async handler (request, reply) {
      const user = await options.register(request.body)
      return await reply
        .code(201)
        .headers({ etag: etagOf(user.version), 'cache-control': 'no-store' })
        .send(serializeUser(user))
    }
  })

  app.route({
    ...auth.login,
    preValidation: trimFields('email'),
    async handler (request, reply) {
      const signedIn = await options.login({ ...request.body, address: request.clientAddress })
      return await reply.header('cache-control', 'no-store').send(serializeSignedIn(signedIn))
    }
  })

  app.route({
    ...auth.refresh,
    async handler (request, reply) {
      const signedIn = await options.refresh(request.body.refreshToken, request.id)
      return await reply.header('cache-control', 'no-store').send(serializeSignedIn(signedIn))
    }
  })

  app.route({
    ...auth.logout,
    async handler (request, reply) {
      const { id, sessionId } = callerOf(request)
      await sessions.end(sessionId, new Date(), id)
      return await reply.code(204).header('cache-control', 'no-store').send(null)
    }
  })

  app.route({
    ...auth.authStatus,
    async handler (request, reply) {
      void reply.header('cache-control', 'no-store')
      const status = await options.readAuthStatus(request.headers.authorization)
      if (status === null) return { authenticated: false }
      const { user, expiresAt } = status
      return {
        authenticated: true,
        ...(user === undefined ? {} : { user: serializeUser(user) }),
        expiresAt: expiresAt.toISOString()
      }
    }
  })

  app.route({
    ...auth.issueClientToken,
    async handler (request, reply) {
      const issued = await options.issueClientToken(request.body.clientId, request.body.clientSecret)
      return await reply.header('cache-control', 'no-store').send({ ...issued, tokenType: 'Bearer' })
    }
  })

  app.route({
    ...auth.jwks,
    handler: async (_request, reply) =>
      await reply.header('cache-control', 'public, max-age=5').send({ keys: keys.publicKeys() })
  })
}
