import { maxClockDifference } from '@laurel/shared/clock'
import { DomainError } from '@laurel/shared/errors'

export interface Session {
  readonly id: string
  readonly userId: string
  /** How many times the refresh token has been exchanged. */
  readonly generation: number
  readonly createdAt: Date
  /** The login or the last exchange. */
  readonly usedAt: Date
  /** The first uses of the refresh tokens that were used in the last seconds. */
  readonly exchanges: readonly Exchange[]
  /** The session ends at this instant even if it is refreshed. */
  readonly expiresAt: Date
  readonly endedAt?: Date
}

/** The first use of a refresh token. */
export interface Exchange {
  readonly generation: number
  readonly at: Date
}

/** All lifetimes are in seconds. */
export interface Lifetimes {
  /** Of a session, even if it is refreshed. */
  readonly session: number
  /** Of a session that is not refreshed. */
  readonly idle: number
  readonly accessToken: number
}

/** The maximum number of active sessions per user. The next login ends the oldest one. */
export const maxSessions = 50

/** How long each refresh token can be used again after its first use, in milliseconds. */
const retryWindow = 10_000

/** Returns the instant at which a session ends if it is not refreshed. */
export function endOf ({ usedAt, expiresAt }: Pick<Session, 'usedAt' | 'expiresAt'>, { idle }: Lifetimes): Date {
  return new Date(Math.min(usedAt.getTime() + idle * 1000, expiresAt.getTime()))
}

/** Returns the latest `usedAt` of a session that has ended because it was not used. */
export function idleSince (at: Date, { idle }: Lifetimes): Date {
  return new Date(at.getTime() - idle * 1000)
}

export function isLive (session: Session | null, lifetimes: Lifetimes, at: Date): session is Session {
  return session !== null && session.endedAt === undefined && endOf(session, lifetimes) > at
}

/** Returns the instant since which the first uses of tokens must be stored. */
export function retrySince (at: Date): Date {
  return new Date(at.getTime() - retryWindow)
}

/**
 * Checks a refresh token that is not the newest one of its session (RFC 9700, 4.14.2). For a short time after its first
 * use, using it again is a retry: the client lost the response, or several tabs refresh one after another. After that
 * time, it is treated as theft: both the user and the attacker have the token.
 * @param generation the generation of a token whose MAC is correct.
 */
export function classifyOldToken (
  session: Session | null, generation: number, lifetimes: Lifetimes, at: Date
): 'retried' | 'reused' | 'refused' {
  // A generation that does not exist yet means that the database was restored from a backup, not that the token was
  // stolen.
  if (!isLive(session, lifetimes, at) || generation >= session.generation) return 'refused'
  const firstUse = session.exchanges.find(exchange => exchange.generation === generation)
  return firstUse !== undefined && firstUse.at > retrySince(at) ? 'retried' : 'reused'
}

/** Returns how long an ended session is reported to the gateway, in milliseconds. No access token lives longer. */
export function revocationTime ({ accessToken }: Lifetimes): number {
  return accessToken * 1000 + maxClockDifference
}

export function invalidRefreshToken (): DomainError {
  return new DomainError('unauthenticated', 'INVALID_REFRESH_TOKEN', 'This refresh token is not valid. Log in again.')
}

export function sessionNotFound (): DomainError {
  return new DomainError('not-found', 'SESSION_NOT_FOUND', 'You have no session with this id.')
}
