import { visitActivity, visitWindow } from '../domain/platform-activity.ts'
import { idleSince, invalidRefreshToken, judgeOldToken, type Lifetimes, type Session } from '../domain/session.ts'
import type { TokenIssuer } from '../keys/token-issuer.ts'
import type { Relay } from '../outbox/relay.ts'
import type { SessionStore } from '../stores/sessions.ts'
import type { UserStore } from '../stores/users.ts'
import type { SignedIn } from './start-session.ts'

export interface RefreshDependencies {
  readonly users: UserStore
  readonly sessions: SessionStore
  readonly tokens: TokenIssuer
  readonly relay: Relay
  readonly lifetimes: Lifetimes
}

/** @throws {DomainError} 401 `INVALID_REFRESH_TOKEN`. */
export type Refresh = (refreshToken: string) => Promise<SignedIn>

/** Exchanges a refresh token for new tokens of the same session, and reports the visit to event-service. */
export function createRefresh ({ users, sessions, tokens, relay, lifetimes }: RefreshDependencies): Refresh {
  async function exchange (refreshToken: string, at: Date): Promise<Session> {
    const token = tokens.readRefreshToken(refreshToken)
    if (token === undefined) throw invalidRefreshToken()
    const { sessionId, generation } = token
    const rotated = await sessions.rotate(sessionId, generation, { at, idleSince: idleSince(at, lifetimes) })
    if (rotated !== null) return rotated

    const session = await sessions.find(sessionId)
    const verdict = judgeOldToken(session, generation, lifetimes, at)
    if (session !== null && verdict === 'retried') return session
    if (verdict === 'reused') await sessions.end(sessionId, at)
    throw invalidRefreshToken()
  }

  return async refreshToken => {
    const at = new Date()
    const { id: sessionId, userId, generation } = await exchange(refreshToken, at)
    const { user, visitedAt } = await users.recordVisit(userId, at, visitWindow)
    if (user === null || user.status !== 'ACTIVE') throw invalidRefreshToken()

    const pending = await sessions.addVisit(sessionId, visitedAt, [visitActivity(userId, visitedAt)], at)
    if (pending !== null) await relay.deliver(pending)
    return { user, sessionId, generation }
  }
}
