/** The claims of an access token besides `iss` and `aud` (RFC 9068, 2.2, with `sid` and `role`). */
export const accessClaims = ['sub', 'sid', 'jti', 'role', 'iat', 'exp'] as const

/** The claims of a token between services besides `iss` and `aud`. */
export const internalClaims = ['sub', 'jti', 'iat', 'exp'] as const

export const internalTokenType = 'svc+jwt'
export const internalAudience = 'laurel-internal'

/** In seconds. The clocks of two servers may differ this much where one service calls another. */
export const internalClockTolerance = 60
