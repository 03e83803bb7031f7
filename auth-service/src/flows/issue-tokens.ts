import type { User } from '../domain/user.ts'
import type { TokenIssuer } from '../keys/token-issuer.ts'

/** A user with the tokens of a session. */
export interface SignedIn {
  readonly user: User
  readonly accessToken: string
  /** The lifetime of the access token, in seconds. */
  readonly expiresIn: number
  readonly refreshToken: string
}

export interface SessionOfUser {
  readonly user: User
  readonly sessionId: string
  /** How many times the refresh token has been exchanged. */
  readonly generation: number
}

/** Issues the tokens of a session. */
export function issueTokens (tokens: TokenIssuer, { user, sessionId, generation }: SessionOfUser): SignedIn {
  return {
    user,
    accessToken: tokens.accessToken({ id: user.id, role: user.role, sessionId }),
    expiresIn: tokens.accessTokenTtl,
    refreshToken: tokens.refreshToken(sessionId, generation)
  }
}
