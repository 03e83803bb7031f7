import { newId } from '@laurel/shared/id'
import { loginActivities, visitWindowStart } from '../domain/platform-activity.ts'
import { idleSince, maxSessions, revocationTime, type Lifetimes } from '../domain/session.ts'
import type { User } from '../domain/user.ts'
import type { TokenIssuer } from '../keys/token-issuer.ts'
import type { Relay } from '../outbox/relay.ts'
import type { SessionStore } from '../stores/sessions.ts'
import type { VisitStore } from '../stores/visits.ts'
import { issueTokens, type SignedIn } from './issue-tokens.ts'

export interface StartSessionDependencies {
  readonly visits: VisitStore
  readonly sessions: SessionStore
  readonly tokens: TokenIssuer
  readonly relay: Relay
  readonly lifetimes: Lifetimes
  readonly now: () => Date
}

/**
 * Starts a session and reports the login to event-service. Returns `null` if the account may no longer log in.
 * @param isAllowed checks the account that was read after the session was written.
 */
export type StartSession = (
  user: User, isAllowed: (current: User | null) => current is User
) => Promise<SignedIn | null>

export function createStartSession (dependencies: StartSessionDependencies): StartSession {
  const { visits, sessions, tokens, relay, lifetimes, now } = dependencies
  return async ({ id: userId, invitedBy }, isAllowed) => {
    const at = now()
    const { visitedAt, firstLoginAt } = await visits.recordVisit(userId, at, visitWindowStart(at))
    const sessionId = newId()
    const activities = loginActivities({ sessionId, userId, invitedBy, at, visitedAt, firstLoginAt })
    const expiresAt = new Date(at.getTime() + lifetimes.session * 1000)
    const keptUntil = new Date(expiresAt.getTime() + revocationTime(lifetimes))
    await sessions.insert({
      id: sessionId, userId, createdAt: at, expiresAt, keptUntil, visit: visitedAt, outbox: activities
    })
    // The account is read after the session is written, so that every later change of the account ends this session.
    const user = await visits.recordLogin(userId)
    if (!isAllowed(user)) {
      await sessions.end(sessionId, new Date(), userId)
      return null
    }
    await sessions.endOldest(userId, maxSessions, { at, idleSince: idleSince(at, lifetimes) })
    await relay.deliver({ sessionId, since: at, activities })
    return issueTokens(tokens, { user, sessionId, generation: 0 })
  }
}
