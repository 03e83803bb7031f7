import { auth } from '@laurel/shared/contracts'
import { invalidField } from '@laurel/shared/errors'
import { etagOf, type Server } from '@laurel/shared/http'
import { newId } from '@laurel/shared/id'
import { activitiesOfLogin, visitWindow } from '../domain/activities.ts'
import { newUser } from '../domain/new-user.ts'
import { revocationTime, type Lifetimes } from '../domain/session.ts'
import { checkNewPassword, invalidCredentials, maySignIn, normaliseEmail, type User } from '../domain/user.ts'
import type { Guesses } from '../guesses.ts'
import type { KeyRing } from '../key-ring.ts'
import type { Passwords } from '../passwords.ts'
import type { Relay } from '../relay.ts'
import type { SessionStore } from '../stores/sessions.ts'
import type { UserStore } from '../stores/users.ts'
import type { Tokens } from '../tokens.ts'
import { showTokens, showUser } from './answers.ts'

export interface AuthRoutesOptions {
  readonly users: UserStore
  readonly sessions: SessionStore
  readonly passwords: Passwords
  readonly guesses: Guesses
  readonly tokens: Tokens
  readonly relay: Relay
  readonly keys: KeyRing
  readonly lifetimes: Lifetimes
}

export async function authRoutes (app: Server, { users, sessions, passwords, guesses, tokens, relay, keys, lifetimes }: AuthRoutesOptions): Promise<void> {
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
      return await reply.code(201).header('etag', etagOf(user.version)).send(showUser(user))
    }
  })

  async function findByPassword (email: string, password: string): Promise<User | undefined> {
    const account = await users.findByEmail(email)
    const matches = await passwords.matches(password, account?.passwordHash)
    return account !== null && matches && account.status === 'ACTIVE' ? account : undefined
  }

  app.route({
    ...auth.login,
    async handler (request, reply) {
      const { password } = request.body
      const email = normaliseEmail(request.body.email)
      const account = await guesses.atLogin(request, email, async () => await findByPassword(email, password))
      // Where there is no room for it now, the next login does it.
      const renewed = passwords.isCheap(account.passwordHash) ? await passwords.hash(password).catch(() => undefined) : undefined
      if (renewed !== undefined) await users.replaceHash(account.id, account.passwordHash, renewed)

      const at = new Date()
      const { visitedAt, firstLoginAt } = await users.noteVisit(account.id, at, visitWindow)
      const sessionId = newId()
      const outbox = activitiesOfLogin({ sessionId, userId: account.id, invitedBy: account.invitedBy, at, visitedAt, firstLoginAt })
      const expiresAt = new Date(at.getTime() + lifetimes.session * 1000)
      await sessions.begin({
        id: sessionId, userId: account.id, createdAt: at, expiresAt, keptUntil: new Date(expiresAt.getTime() + revocationTime(lifetimes)), visit: visitedAt, outbox
      })
      // After the session is written: whatever changes from now on ends it.
      const user = await users.countLogin(account.id)
      if (!maySignIn(account, user)) {
        await sessions.end(sessionId, new Date())
        throw invalidCredentials()
      }
      await relay.deliver({ sessionId, since: at, activities: outbox })
      return await reply.header('cache-control', 'no-store').send(showTokens(tokens, user, sessionId, 0))
    }
  })

  app.route({
    ...auth.jwks,
    handler: async (_request, reply) => await reply.header('cache-control', 'public, max-age=5').send({ keys: keys.published() })
  })
}
