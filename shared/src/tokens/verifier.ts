import { createVerifier } from 'fast-jwt'
import { toPem, type PublicJwk } from './keys.ts'

/** What a token must be besides signed: its `typ` (RFC 9068, 2.1), issuer, audience and the claims it carries. */
export interface TokenProfile {
  readonly typ: string
  readonly issuer: string
  readonly audience: string
  readonly requiredClaims: readonly string[]
}

export type TokenPayload = Readonly<Record<string, unknown>>

export interface TokenVerifier {
  /** Replaces all keys: a key that is not published any more stops to count. */
  setKeys: (keys: readonly PublicJwk[]) => void
  /** Whether a key of the name that the token's header gives is known. Trusts nothing else of the token. */
  knowsKeyOf: (token: string) => boolean
  /** @throws whatever is wrong with the token; every throw means 401. */
  verify: (token: string) => TokenPayload
}

/**
 * Tokens whose signature need not be checked again, and for how many milliseconds. They end with their key and when they
 * expire; whether their session has ended is asked of every request, not of the token.
 */
const remembered = 10_000
const rememberedFor = 30_000

/** The `kid` of a token's header, which nothing vouches for yet. */
function keyIdOf (token: string): unknown {
  const header: unknown = JSON.parse(Buffer.from(token.slice(0, token.indexOf('.')), 'base64url').toString())
  return (header as { kid?: unknown } | null)?.kid
}

/**
 * Checks tokens as RFC 8725 asks: one algorithm (RS256), one `typ`, exact issuer and audience, the key by `kid`
 * from our own published set and from nowhere else (3.1, 3.8, 3.9, 3.11).
 */
export function createTokenVerifier ({ typ, issuer, audience, requiredClaims }: TokenProfile): TokenVerifier {
  let verifiers = new Map<unknown, (token: string) => TokenPayload>()

  return {
    setKeys (keys) {
      verifiers = new Map(keys.map(key => [key.kid, createVerifier({
        key: toPem(key),
        algorithms: ['RS256'],
        checkTyp: typ,
        allowedIss: issuer,
        allowedAud: audience,
        requiredClaims: ['iss', 'aud', ...requiredClaims],
        clockTolerance: 0,
        cache: remembered,
        cacheTTL: rememberedFor
      })]))
    },
    knowsKeyOf: token => verifiers.has(keyIdOf(token)),
    verify (token) {
      const verify = verifiers.get(keyIdOf(token))
      if (verify === undefined) throw new Error('The key of this token is not published')
      return verify(token)
    }
  }
}
