import { auth, sessions as contract } from '@laurel/shared/contracts'
import type { Server } from '@laurel/shared/http'
import { callerOf, readOptionalToken, type TokenVerifier } from '@laurel/shared/tokens'
import { parseInstant } from '@laurel/shared/instant'
import { activityOfVisit, visitWindow } from '../domain/activities.ts'
import { invalidRefreshToken, judgeOldToken, lives, revocationTime, sessionNotFound, type Lifetimes, type Session } from '../domain/session.ts'
import type { Relay } from '../relay.ts'
import type { ClientStore } from '../stores/clients.ts'
import type { RevocationStore } from '../stores/revocations.ts'
import type { SessionStore } from '../stores/sessions.ts'
import type { UserStore } from '../stores/users.ts'
import type { Tokens } from '../tokens.ts'
import { showSession, showTokens, showUser } from './answers.ts'

export interface SessionRoutesOptions {
  readonly users: UserStore
  readonly sessions: SessionStore
  readonly clients: ClientStore
  readonly revocations: RevocationStore
  readonly tokens: Tokens
  readonly access: TokenVerifier
  readonly relay: Relay
  readonly lifetimes: Lifetimes
}

export async function sessionRoutes (app: Server, options: SessionRoutesOptions): Promise<void> {
  const { users, sessions, clients, revocations, tokens, access, relay, lifetimes } = options
  const idleSince = (at: Date): Date => new Date(at.getTime() - lifetimes.idle * 1000)

  /** The session that this refresh token continues. */
  async function exchange (refreshToken: string, at: Date): Promise<Session> {
    const token = tokens.readRefreshToken(refreshToken)
    if (token === undefined) throw invalidRefreshToken()
    const { sessionId, generation } = token
    const rotated = await sessions.rotate(sessionId, generation, at, idleSince(at))
    if (rotated !== null) return rotated

    const session = await sessions.find(sessionId)
    const verdict = judgeOldToken(session, generation, lifetimes, at)
    if (session !== null && verdict === 'repeated') return session
    if (verdict === 'reused') await sessions.end(sessionId, at)
    throw invalidRefreshToken()
  }

  app.route({
    ...auth.refresh,
    async handler (request, reply) {
      const at = new Date()
      const { id, userId, generation } = await exchange(request.body.refreshToken, at)
      const { user, visitedAt } = await users.noteVisit(userId, at, visitWindow)
      if (user === null || user.status !== 'ACTIVE') throw invalidRefreshToken()

      const undelivered = await sessions.tell(id, visitedAt, [activityOfVisit(userId, visitedAt)], at)
      if (undelivered !== undefined) await relay.deliver(undelivered)
      return await reply.header('cache-control', 'no-store').send(showTokens(tokens, user, id, generation))
    }
  })

  app.route({
    ...auth.logout,
    async handler (request, reply) {
      const { id, sessionId } = callerOf(request)
      await sessions.end(sessionId, new Date(), id)
      return await reply.code(204).send(null)
    }
  })

  app.route({
    ...auth.authStatus,
    async handler (request, reply) {
      void reply.header('cache-control', 'no-store')
      const token = readOptionalToken(access, request.headers.authorization)
      if (token === undefined) return { authenticated: false }
      const { caller: { id, role, sessionId } } = token
      const expiresAt = new Date(token.expiresAt * 1000).toISOString()
      if (role === 'SERVICE') return await clients.find(id) === null ? { authenticated: false } : { authenticated: true, expiresAt }
      const [session, user] = [await sessions.find(sessionId), await users.find(id)]
      return user === null || !lives(session, lifetimes, new Date()) ? { authenticated: false } : { authenticated: true, user: showUser(user), expiresAt }
    }
  })

  app.route({
    ...contract.listMySessions,
    async handler (request) {
      const { id, sessionId } = callerOf(request)
      const at = new Date()
      const { data, nextCursor } = await sessions.listOf(id, at, idleSince(at), request.query)
      return { data: data.map(session => showSession(session, lifetimes, sessionId)), nextCursor }
    }
  })

  app.route({
    ...contract.endMySession,
    async handler (request, reply) {
      if (!await sessions.end(request.params.sessionId, new Date(), callerOf(request).id)) throw sessionNotFound()
      return await reply.code(204).send(null)
    }
  })

  app.route({
    ...contract.listRevocations,
    async handler ({ query: { since = '' } }) {
      const asOf = new Date()
      const earliest = asOf.getTime() - revocationTime(lifetimes)
      const found = await revocations.endedSince(new Date(Math.max(earliest, Number(parseInstant(since) ?? 0))))
      return { asOf: asOf.toISOString(), revocations: found.map(({ sessionId, at }) => ({ sessionId, at: at.toISOString() })) }
    }
  })
}
