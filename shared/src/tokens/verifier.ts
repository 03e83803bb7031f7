import { createVerifier } from 'fast-jwt'
import { FifoMap } from 'toad-cache'
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
  /** Replaces all keys: a key that is not published any more stops to count, with all tokens that it has signed. */
  setKeys: (keys: readonly PublicJwk[]) => void
  /** @throws {UnknownKey} · whatever else is wrong with the token; every throw means 401. */
  verify: (token: string) => TokenPayload
}

/** The key that a token names is not published, or not yet known here. */
export class UnknownKey extends Error {
  override readonly name = 'UnknownKey'
}

/** Tokens whose signature need not be checked again, and for how many milliseconds. */
const remembered = 10_000
const rememberedFor = 30_000

/** The `kid` of a token's header, which nothing vouches for yet. */
function keyIdOf (token: string): unknown {
  const header: unknown = JSON.parse(Buffer.from(token.slice(0, token.indexOf('.')), 'base64url').toString())
  return (header as { kid?: unknown } | null)?.kid
}

/**
 * Checks tokens as RFC 8725 asks: one algorithm (RS256), one `typ`, exact issuer and audience, the key by `kid`
 * from our own published set and from nowhere else (3.1, 3.8, 3.9, 3.11). A token that was right is not looked at again for
 * 30 s, until it expires or the keys change; whether its session has ended is not its business.
 */
export function createTokenVerifier ({ typ, issuer, audience, requiredClaims }: TokenProfile): TokenVerifier {
  let verifiers = new Map<unknown, (token: string) => TokenPayload>()
  let published = ''
  // Only what we have signed gets in: whoever sends rubbish pushes nothing out.
  const verified = new FifoMap<TokenPayload>(remembered, rememberedFor)

  return {
    setKeys (keys) {
      const given = JSON.stringify(keys)
      if (given === published) return
      verifiers = new Map(keys.map(key => [key.kid, createVerifier({
        key: toPem(key),
        algorithms: ['RS256'],
        checkTyp: typ,
        allowedIss: issuer,
        allowedAud: audience,
        requiredClaims: ['iss', 'aud', ...requiredClaims],
        clockTolerance: 0
      })]))
      published = given
      verified.clear()
    },
    verify (token) {
      const known = verified.get(token)
      if (known !== undefined && Number(known['exp']) * 1000 > Date.now()) return known
      const verify = verifiers.get(keyIdOf(token))
      if (verify === undefined) throw new UnknownKey('The key of this token is not published')
      const payload = verify(token)
      verified.set(token, payload)
      return payload
    }
  }
}
