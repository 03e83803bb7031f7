import { randomUUID } from 'node:crypto'
import fastifyJwt from '@fastify/jwt'
import type { Role } from '@laurel/shared/contracts'
import type { Server } from '@laurel/shared/http'
import { internalAudience, internalTokenType } from '@laurel/shared/tokens'
import type { SigningKey } from './keys.ts'

export interface TokenOptions {
  readonly issuer: string
  readonly audience: string
  /** Seconds an access token lives. */
  readonly lifetime: number
}

export interface Tokens {
  readonly lifetime: number
  /** An access token as RFC 9068 has it, with the session and the role. */
  accessToken: (caller: { readonly userId: string, readonly role: Role, readonly sessionId: string }) => string
  /** What auth-service shows to another service: its own type and audience, 60 s. */
  serviceToken: () => string
  /** The `generation`-th refresh token of a session: `sid.n.MAC`. */
  refreshToken: (sessionId: string, generation: number) => string
}

/** Seconds, as @fastify/jwt counts a number. */
const serviceTokenLifetime = 60

/** Signs what this platform's servers trust. RS256, because verifying happens twice a request and is cheapest there. */
export async function createTokens (app: Server, key: SigningKey, { issuer, audience, lifetime }: TokenOptions): Promise<Tokens> {
  await app.register(fastifyJwt, {
    secret: { private: key.privatePem, public: key.publicPem },
    sign: { algorithm: 'RS256', kid: key.jwk.kid, iss: issuer }
  })
  return {
    lifetime,
    accessToken: ({ userId, role, sessionId }) => app.jwt.sign(
      { sub: userId, sid: sessionId, role, jti: randomUUID() },
      { aud: audience, expiresIn: lifetime, header: { alg: 'RS256', typ: 'at+jwt' } }
    ),
    serviceToken: () => app.jwt.sign(
      { sub: 'auth-service', jti: randomUUID() },
      { aud: internalAudience, expiresIn: serviceTokenLifetime, header: { alg: 'RS256', typ: internalTokenType } }
    ),
    refreshToken (sessionId, generation) {
      const body = `${sessionId}.${generation}`
      return `${body}.${key.macOf(body)}`
    }
  }
}
