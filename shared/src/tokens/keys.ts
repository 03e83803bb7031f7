import { createHash, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'

/** A public key as the platform publishes it (RFC 7517; RSA: RFC 7518, 6.3.1). */
export interface PublicJwk {
  readonly kty: 'RSA'
  readonly kid: string
  readonly use: 'sig'
  readonly alg: 'RS256'
  readonly n: string
  readonly e: string
}

/** The JWK of an RSA public key, named by its thumbprint (RFC 7638). */
export function toPublicJwk (key: KeyObject): PublicJwk {
  const { n, e } = key.export({ format: 'jwk' }) as { n: string, e: string }
  const kid = createHash('sha256').update(JSON.stringify({ e, kty: 'RSA', n })).digest('base64url')
  return { kty: 'RSA', kid, use: 'sig', alg: 'RS256', n, e }
}

/** PEM (SubjectPublicKeyInfo), which the verifier takes. */
export function toPem (jwk: PublicJwk): string {
  const { kty, n, e } = jwk
  return createPublicKey({ key: { kty, n, e } satisfies JsonWebKey, format: 'jwk' }).export({ type: 'spki', format: 'pem' }) as string
}
