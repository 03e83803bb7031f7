import { visitActivity, visitWindowStart } from '../domain/platform-activity.ts'
import { classifyOldToken, idleSince, invalidRefreshToken, retrySince, type Lifetimes } from '../domain/session.ts'
import type { TokenIssuer } from '../keys/token-issuer.ts'
import type { Relay } from '../outbox/relay.ts'
import type { AccountStore } from '../stores/accounts.ts'
import type { SessionStore } from '../stores/sessions.ts'
import type { VisitStore } from '../stores/visits.ts'
import { issueTokens, type SignedIn } from './issue-tokens.ts'

export interface RefreshDependencies {
  readonly visits: VisitStore
  readonly sessions: SessionStore
  readonly accounts: AccountStore
  readonly tokens: TokenIssuer
  readonly relay: Relay
  readonly lifetimes: Lifetimes
  readonly now: () => Date
}

/** A session and the generation of the new refresh token. */
interface Exchanged {
  readonly sessionId: string
  readonly userId: string
  readonly generation: number
}

/**
 * Throws 401 `INVALID_REFRESH_TOKEN`.
 * @param requestId identifies the request in the audit entry if the token was reused.
 */
export type Refresh = (refreshToken: string, requestId: string) => Promise<SignedIn>

/** Exchanges a refresh token for new tokens of the same session, and reports the visit to event-service. */
export function createRefresh (dependencies: RefreshDependencies): Refresh {
  const { visits, sessions, accounts, tokens, relay, lifetimes, now } = dependencies

  async function exchange (refreshToken: string, requestId: string, at: Date): Promise<Exchanged> {
    const token = tokens.readRefreshToken(refreshToken)
    if (token === undefined) throw invalidRefreshToken()
    const { sessionId, generation } = token
    const live = { at, idleSince: idleSince(at, lifetimes) }
    const rotated = await sessions.rotate(sessionId, generation, live, retrySince(at))
    if (rotated !== null) return { sessionId, userId: rotated.userId, generation: rotated.generation }

    const session = await sessions.find(sessionId)
    const verdict = classifyOldToken(session, generation, lifetimes, at)
    if (session === null || verdict === 'refused') throw invalidRefreshToken()
    // Every use of a token returns the same successor, even if the successor was already used.
    if (verdict === 'retried') return { sessionId, userId: session.userId, generation: generation + 1 }
    await accounts.endStolenSession(session, requestId)
    throw invalidRefreshToken()
  }

  return async (refreshToken, requestId) => {
    const at = now()
    const { sessionId, userId, generation } = await exchange(refreshToken, requestId, at)
    const { user, visitedAt } = await visits.recordVisit(userId, at, visitWindowStart(at))
    if (user === null || user.status !== 'ACTIVE') throw invalidRefreshToken()

    const activities = [visitActivity(userId, visitedAt)]
    const pending = await sessions.addVisit({ sessionId, visitedAt, activities, at })
    if (pending !== null) await relay.deliver(pending)
    return issueTokens(tokens, { user, sessionId, generation })
  }
}
