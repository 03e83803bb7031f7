import { maxClockDifference } from '../clock.ts'

/** The claims of an access token in addition to `iss` and `aud` (RFC 9068, 2.2, with `sid` and `role`). */
export const accessClaims = ['sub', 'sid', 'jti', 'role', 'iat', 'exp'] as const

/** The claims of a token between services in addition to `iss` and `aud`. */
export const internalClaims = ['sub', 'jti', 'iat', 'exp'] as const

export const internalTokenType = 'svc+jwt'
export const internalAudience = 'laurel-internal'

/** `maxClockDifference` in seconds, for the tokens between services. */
export const internalClockTolerance = maxClockDifference / 1000
