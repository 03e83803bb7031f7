import { createHash, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'

/** A published public key (RFC 7517; RSA: RFC 7518, 6.3.1). */
export interface PublicJwk {
  readonly kty: 'RSA'
  readonly kid: string
  readonly use: 'sig'
  readonly alg: 'RS256'
  readonly n: string
  readonly e: string
}

/** Returns the JWK of an RSA public key. Its `kid` is the thumbprint of the key (RFC 7638). */
export function toPublicJwk (key: KeyObject): PublicJwk {
  const { n, e } = key.export({ format: 'jwk' }) as { n: string, e: string }
  const kid = createHash('sha256').update(JSON.stringify({ e, kty: 'RSA', n })).digest('base64url')
  return { kty: 'RSA', kid, use: 'sig', alg: 'RS256', n, e }
}

/** Returns the key as PEM (SubjectPublicKeyInfo). */
export function toPem (jwk: PublicJwk): string {
  const { kty, n, e } = jwk
  const key = createPublicKey({ key: { kty, n, e } satisfies JsonWebKey, format: 'jwk' })
  return key.export({ type: 'spki', format: 'pem' }) as string
}
