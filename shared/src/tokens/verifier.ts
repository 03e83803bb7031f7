import { createVerifier } from 'fast-jwt'
import { FifoMap } from 'toad-cache'
import { parseStrictJson } from '../json/strict-json.ts'
import { toPem, type PublicJwk } from './keys.ts'

/** The requirements for a token: its `typ` (RFC 9068, 2.1), issuer, audience and required claims. */
export interface TokenProfile {
  readonly typ: string
  readonly issuer: string
  readonly audience: string
  readonly requiredClaims: readonly string[]
  /** How long a token is valid after it has expired, in seconds. Default: 0. */
  readonly clockTolerance?: number
}

export type TokenPayload = Readonly<Record<string, unknown>>

export interface TokenVerifier {
  /** Replaces all keys. Tokens of a key that is no longer published become invalid. */
  setKeys: (keys: readonly PublicJwk[]) => void
  /** Returns the payload. Throws `UnknownKeyError`, or another error for any other reason; each means 401. */
  verify: (token: string) => TokenPayload
}

/** The key of the token is not published, or has not been fetched yet. */
export class UnknownKeyError extends Error {
  override readonly name = 'UnknownKeyError'
}

/** The maximum number of cached tokens. */
const cacheSize = 10_000

/** How long a verified token is cached, in milliseconds. */
const cacheTtl = 30_000

const utf8 = new TextDecoder('utf-8', { fatal: true })

/**
 * Parses the header or the payload of a token as strict JSON: other parsers could interpret a duplicate claim or an
 * `exp` of `1e400` differently (RFC 8725, 2.6; RFC 7519, 4).
 */
function parsePart (part: string): unknown {
  return parseStrictJson(utf8.decode(Buffer.from(part, 'base64url')))
}

/**
 * Creates a verifier that follows RFC 8725: one algorithm (RS256), one `typ`, an exact issuer and audience, and a key
 * chosen by `kid` from our own published set only (3.1, 3.8, 3.9, 3.11). A valid token is cached for 30 s, until it
 * expires or the keys change. The verifier does not check whether the session of a token has ended.
 */
export function createTokenVerifier (profile: TokenProfile): TokenVerifier {
  const { typ, issuer, audience, requiredClaims } = profile
  const clockTolerance = (profile.clockTolerance ?? 0) * 1000
  let verifiers = new Map<unknown, (token: string) => TokenPayload>()
  let published = ''
  // Only valid tokens are cached, so that a flood of invalid ones evicts nothing.
  const cache = new FifoMap<TokenPayload>(cacheSize, cacheTtl)

  return {
    setKeys (keys) {
      const serialized = JSON.stringify(keys)
      if (serialized === published) return
      verifiers = new Map(keys.map(key => [key.kid, createVerifier({
        key: toPem(key),
        algorithms: ['RS256'],
        checkTyp: typ,
        allowedIss: issuer,
        allowedAud: audience,
        requiredClaims: ['iss', 'aud', ...requiredClaims],
        clockTolerance
      })]))
      published = serialized
      cache.clear()
    },
    verify (token) {
      const cached = cache.get(token)
      if (cached !== undefined && Number(cached['exp']) * 1000 + clockTolerance > Date.now()) return cached
      const [header = '', payloadPart = ''] = token.split('.', 2)
      const { kid } = { ...parsePart(header) as object } as { kid?: unknown }
      const verify = verifiers.get(kid)
      if (verify === undefined) throw new UnknownKeyError('The key of this token is not published')
      const payload = verify(token)
      parsePart(payloadPart)
      cache.set(token, payload)
      return payload
    }
  }
}
