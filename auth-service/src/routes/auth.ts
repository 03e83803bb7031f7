import { setTimeout as sleep } from 'node:timers/promises'
import { auth } from '@laurel/shared/contracts'
import { invalidField } from '@laurel/shared/errors'
import type { Server } from '@laurel/shared/http'
import type { PublicJwk } from '@laurel/shared/tokens'
import { activitiesOfLogin, visitWindow } from '../domain/activities.ts'
import { newId, newUser } from '../domain/new-user.ts'
import { checkNewPassword, invalidCredentials, normaliseEmail } from '../domain/user.ts'
import type { Passwords } from '../passwords.ts'
import type { Relay } from '../relay.ts'
import type { SessionStore } from '../stores/sessions.ts'
import type { UserStore } from '../stores/users.ts'
import type { Tokens } from '../tokens.ts'
import { showUser } from './answers.ts'

/** Milliseconds that a login waits for its activities to arrive, so that a claim right after it counts them. */
const deliveryPatience = 300

export interface AuthRoutesOptions {
  readonly users: UserStore
  readonly sessions: SessionStore
  readonly passwords: Passwords
  readonly tokens: Tokens
  readonly relay: Relay
  readonly keys: PublicJwk[]
  /** Seconds after which a session ends in any case. */
  readonly sessionLifetime: number
}

export async function authRoutes (app: Server, { users, sessions, passwords, tokens, relay, keys, sessionLifetime }: AuthRoutesOptions): Promise<void> {
  app.route({
    ...auth.register,
    async handler (request, reply) {
      const { password, name, referralCode } = request.body
      const email = normaliseEmail(request.body.email)
      checkNewPassword(password, email)
      const inviter = referralCode === undefined ? null : await users.findByReferralCode(referralCode)
      if (referralCode !== undefined && inviter === null) throw invalidField('/referralCode', 'is nobody\'s code')

      const user = newUser({
        email, name: name ?? null, role: 'USER', invitedBy: inviter?.id ?? null, passwordHash: await passwords.hash(password), at: new Date()
      })
      await users.insert(user)
      return await reply.code(201).send(showUser(user))
    }
  })

  app.route({
    ...auth.login,
    async handler (request, reply) {
      const account = await users.findByEmail(normaliseEmail(request.body.email))
      const matches = await passwords.matches(request.body.password, account?.passwordHash)
      if (account === null || !matches || account.status !== 'ACTIVE') throw invalidCredentials()

      const at = new Date()
      const { visitedAt, firstLoginAt } = await users.noteLogin(account.id, at, visitWindow)
      const sessionId = newId()
      const outbox = activitiesOfLogin({ sessionId, userId: account.id, invitedBy: account.invitedBy, at, visitedAt, firstLoginAt })
      await sessions.begin({
        id: sessionId, userId: account.id, createdAt: at, expiresAt: new Date(at.getTime() + sessionLifetime * 1000), outbox
      })
      // Read after the session is written: a role that changes from now on ends this session.
      const user = await users.find(account.id)
      if (user === null || user.status !== 'ACTIVE') {
        await sessions.end(sessionId, new Date())
        throw invalidCredentials()
      }
      await Promise.race([relay.deliver({ sessionId, activities: outbox }), sleep(deliveryPatience)])
      return await reply.header('cache-control', 'no-store').send({
        accessToken: tokens.accessToken({ userId: user.id, role: user.role, sessionId }),
        tokenType: 'Bearer',
        expiresIn: tokens.lifetime,
        refreshToken: tokens.refreshToken(sessionId, 0),
        user: showUser(user)
      })
    }
  })

  app.route({
    ...auth.jwks,
    handler: async (_request, reply) => await reply.header('cache-control', 'public, max-age=5').send({ keys })
  })
}
