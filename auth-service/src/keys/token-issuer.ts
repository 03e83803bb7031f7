import { randomUUID } from 'node:crypto'
import fastifyJwt from '@fastify/jwt'
import type { CallerRole } from '@laurel/shared/contracts'
import type { Server } from '@laurel/shared/http'
import { internalAudience, internalClockTolerance, internalTokenType } from '@laurel/shared/tokens'
import type { KeyRing } from './key-ring.ts'

export interface TokenIssuerOptions {
  readonly issuer: string
  readonly audience: string
  /** The lifetime of an access token in seconds. */
  readonly accessTokenTtl: number
}

export interface TokenSubject {
  /** The id of a user or of a machine client. */
  readonly id: string
  readonly role: CallerRole
  readonly sessionId: string
}

export interface TokenIssuer {
  readonly accessTokenTtl: number
  /** Returns an access token (RFC 9068) with the session and the role. */
  accessToken: (subject: TokenSubject) => string
  /** Returns the token for requests to another service. It has a different type and audience and expires after 60 s. */
  serviceToken: () => string
  /** Returns the refresh token of a generation of a session: `sid.n.MAC`. */
  refreshToken: (sessionId: string, generation: number) => string
  /** Parses a refresh token. Returns `undefined` unless its MAC was created with one of our keys. */
  readRefreshToken: (token: string) => RefreshTokenContent | undefined
}

export interface RefreshTokenContent {
  readonly sessionId: string
  readonly generation: number
}

/** In seconds. `@fastify/jwt` interprets numeric lifetimes as seconds. */
const serviceTokenTtl = 60

const refreshTokenPattern = /^([0-9a-f]{24})\.(0|[1-9]\d{0,8})\.([\w-]{43})$/

/** Signs the tokens that the servers of this platform trust, with RS256 because its verification is the fastest. */
export async function createTokenIssuer (
  app: Server, keys: KeyRing, options: TokenIssuerOptions
): Promise<TokenIssuer> {
  const { issuer, audience, accessTokenTtl } = options
  const { privatePem, publicPem } = keys.signingKey()
  await app.register(fastifyJwt, {
    secret: { private: privatePem, public: publicPem },
    sign: { algorithm: 'RS256', iss: issuer }
  })

  function sign (claims: object, typ: string, aud: string, expiresIn: number): string {
    const { privatePem, jwk } = keys.signingKey()
    const header = { alg: 'RS256', typ } as const
    return app.jwt.sign({ ...claims, jti: randomUUID() }, { key: privatePem, kid: jwk.kid, aud, expiresIn, header })
  }

  return {
    accessTokenTtl,
    accessToken: ({ id, role, sessionId }) =>
      sign({ sub: id, sid: sessionId, role }, 'at+jwt', audience, accessTokenTtl),
    serviceToken () {
      // Backdated, so that a server whose clock is behind does not see a token from the future.
      const iat = Math.floor(Date.now() / 1000) - internalClockTolerance
      const lifetime = internalClockTolerance + serviceTokenTtl
      return sign({ sub: 'auth-service', iat }, internalTokenType, internalAudience, lifetime)
    },
    refreshToken (sessionId, generation) {
      const body = `${sessionId}.${generation}`
      return `${body}.${keys.signingKey().macOf(body)}`
    },
    readRefreshToken (token) {
      const [, sessionId = '', generation = '', mac = ''] = refreshTokenPattern.exec(token) ?? []
      const isValid = keys.verifyMac(`${sessionId}.${generation}`, mac)
      return isValid ? { sessionId, generation: Number(generation) } : undefined
    }
  }
}
