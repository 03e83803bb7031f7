import type { Client as PublicClient, Session as PublicSession, User as PublicUser } from '@laurel/shared/contracts'
import type { Client } from '../domain/client.ts'
import { endOf, type Lifetimes, type Session } from '../domain/session.ts'
import type { User } from '../domain/user.ts'
import type { Tokens } from '../tokens.ts'

/** What others may see of an account: not its hash, not who invited it. */
export function showUser ({ id, email, name, role, status, referralCode, createdAt }: User): PublicUser {
  return { id, email, name, role, status, referralCode, createdAt: createdAt.toISOString() }
}

/** The tokens of a session whose refresh token was exchanged `generation` times. */
export function showTokens (tokens: Tokens, user: User, sessionId: string, generation: number) {
  return {
    accessToken: tokens.accessToken({ userId: user.id, role: user.role, sessionId }),
    tokenType: 'Bearer',
    expiresIn: tokens.lifetime,
    refreshToken: tokens.refreshToken(sessionId, generation),
    user: showUser(user)
  } as const
}

export function showSession (session: Session, lifetimes: Lifetimes, current: string): PublicSession {
  const { id, createdAt, usedAt } = session
  return {
    id, createdAt: createdAt.toISOString(), lastUsedAt: usedAt.toISOString(), expiresAt: endOf(session, lifetimes).toISOString(), current: id === current
  }
}

export function showClient ({ id, name, createdBy, createdAt }: Client): PublicClient {
  return { clientId: id, name, createdBy, createdAt: createdAt.toISOString() }
}
