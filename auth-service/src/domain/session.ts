import { DomainError } from '@laurel/shared/errors'

export interface Session {
  readonly id: string
  readonly userId: string
  /** How often the refresh token was exchanged. */
  readonly generation: number
  readonly createdAt: Date
  /** The login or the last exchange. */
  readonly usedAt: Date
  /** It ends then in any case. */
  readonly expiresAt: Date
  readonly endedAt?: Date
}

/** Seconds. */
export interface Lifetimes {
  /** Of a session in any case. */
  readonly session: number
  /** Of a session that is not refreshed. */
  readonly idle: number
  readonly accessToken: number
}

/** Milliseconds in which an answer that was lost may be asked for again. */
export const graceTime = 10_000

/** Milliseconds that the clocks of two auth-services may differ, a request in flight included. */
const clockMargin = 60_000

export function endOf ({ usedAt, expiresAt }: Pick<Session, 'usedAt' | 'expiresAt'>, { idle }: Lifetimes): Date {
  return new Date(Math.min(usedAt.getTime() + idle * 1000, expiresAt.getTime()))
}

export function lives (session: Session | null, lifetimes: Lifetimes, now: Date): session is Session {
  return session !== null && session.endedAt === undefined && endOf(session, lifetimes) > now
}

/**
 * Judges a refresh token that is not the newest one of its session (RFC 9700, 4.14.2): a lost answer may be asked for again
 * for a short time; later an old token means that two have it, the user and a thief.
 * @param generation of the token, whose MAC was right.
 */
export function judgeOldToken (session: Session | null, generation: number, lifetimes: Lifetimes, now: Date): 'repeated' | 'reused' | 'refused' {
  // A generation that never was comes from a database that was put back: no theft.
  if (!lives(session, lifetimes, now) || generation >= session.generation) return 'refused'
  const isLast = generation === session.generation - 1
  return isLast && now.getTime() - session.usedAt.getTime() < graceTime ? 'repeated' : 'reused'
}

/** Milliseconds for which an ended session is told to the gateway: none of its access tokens lives longer. */
export function revocationTime ({ accessToken }: Lifetimes): number {
  return accessToken * 1000 + clockMargin
}

export function invalidRefreshToken (): DomainError {
  return new DomainError('unauthenticated', 'INVALID_REFRESH_TOKEN', 'This refresh token does not count: sign in again')
}

export function sessionNotFound (): DomainError {
  return new DomainError('not-found', 'SESSION_NOT_FOUND', 'There is no such session')
}
