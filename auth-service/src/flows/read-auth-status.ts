import { readOptionalToken, type TokenVerifier } from '@laurel/shared/tokens'
import { isLive, type Lifetimes } from '../domain/session.ts'
import type { User } from '../domain/user.ts'
import type { ClientStore } from '../stores/clients.ts'
import type { SessionStore } from '../stores/sessions.ts'
import type { UserStore } from '../stores/users.ts'

export interface AuthStatusDependencies {
  readonly users: UserStore
  readonly sessions: SessionStore
  readonly clients: ClientStore
  readonly accessTokens: TokenVerifier
  readonly lifetimes: Lifetimes
}

export interface Authenticated {
  /** Absent for a machine client. */
  readonly user?: User
  /** When the access token expires. */
  readonly expiresAt: Date
}

/** Returns the user of the token in this `Authorization` header, or `null` if there is no valid token. */
export type ReadAuthStatus = (authorization: string | undefined) => Promise<Authenticated | null>

export function createReadAuthStatus (dependencies: AuthStatusDependencies): ReadAuthStatus {
  const { users, sessions, clients, accessTokens, lifetimes } = dependencies
  return async authorization => {
    const token = readOptionalToken(accessTokens, authorization)
    if (token === undefined) return null
    const { id, role, sessionId } = token.caller
    const expiresAt = new Date(token.expiresAt * 1000)
    if (role === 'SERVICE') return await clients.find(id) === null ? null : { expiresAt }

    const [session, user] = await Promise.all([sessions.find(sessionId), users.find(id)])
    return user === null || !isLive(session, lifetimes, new Date()) ? null : { user, expiresAt }
  }
}
