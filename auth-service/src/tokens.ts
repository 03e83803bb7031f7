import { randomUUID } from 'node:crypto'
import fastifyJwt from '@fastify/jwt'
import type { CallerRole } from '@laurel/shared/contracts'
import type { Server } from '@laurel/shared/http'
import { internalAudience, internalTokenType } from '@laurel/shared/tokens'
import type { KeyRing } from './key-ring.ts'

export interface TokenOptions {
  readonly issuer: string
  readonly audience: string
  /** Seconds an access token lives. */
  readonly lifetime: number
}

export interface Tokens {
  readonly lifetime: number
  /** An access token as RFC 9068 has it, with the session and the role. */
  accessToken: (caller: { readonly userId: string, readonly role: CallerRole, readonly sessionId: string }) => string
  /** What auth-service shows to another service: its own type and audience, 60 s. */
  serviceToken: () => string
  /** The `generation`-th refresh token of a session: `sid.n.MAC`. */
  refreshToken: (sessionId: string, generation: number) => string
  /** Reads a refresh token that one of our keys has made; undefined for anything else. */
  readRefreshToken: (token: string) => { readonly sessionId: string, readonly generation: number } | undefined
}

/** Seconds, as @fastify/jwt counts a number. */
const serviceTokenLifetime = 60

const refreshPattern = /^([0-9a-f]{24})\.(0|[1-9]\d{0,8})\.([\w-]{43})$/

/** Signs what this platform's servers trust. RS256, because verifying happens twice a request and is cheapest there. */
export async function createTokens (app: Server, keys: KeyRing, { issuer, audience, lifetime }: TokenOptions): Promise<Tokens> {
  const { privatePem, publicPem } = keys.signing()
  await app.register(fastifyJwt, { secret: { private: privatePem, public: publicPem }, sign: { algorithm: 'RS256', iss: issuer } })

  function sign (claims: object, typ: string, aud: string, expiresIn: number): string {
    const { privatePem, jwk } = keys.signing()
    return app.jwt.sign({ ...claims, jti: randomUUID() }, { key: privatePem, kid: jwk.kid, aud, expiresIn, header: { alg: 'RS256', typ } })
  }
  return {
    lifetime,
    accessToken: ({ userId, role, sessionId }) => sign({ sub: userId, sid: sessionId, role }, 'at+jwt', audience, lifetime),
    serviceToken: () => sign({ sub: 'auth-service' }, internalTokenType, internalAudience, serviceTokenLifetime),
    refreshToken (sessionId, generation) {
      const body = `${sessionId}.${generation}`
      return `${body}.${keys.signing().macOf(body)}`
    },
    readRefreshToken (token) {
      const [, sessionId = '', generation = '', mac = ''] = refreshPattern.exec(token) ?? []
      return keys.isMac(`${sessionId}.${generation}`, mac) ? { sessionId, generation: Number(generation) } : undefined
    }
  }
}
