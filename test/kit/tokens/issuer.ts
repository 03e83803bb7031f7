import { createHmac, createPrivateKey, createPublicKey, randomUUID, sign, type KeyObject } from 'node:crypto'
import type { CallerRole } from '@laurel/shared/contracts'
import { toPublicJwk, type PublicJwk } from '@laurel/shared/tokens'
import { testKey } from './keys.ts'

export type Part = Readonly<Record<string, unknown>>

/** Creates valid and invalid tokens. A given part replaces the default; `undefined` omits it. */
export interface Issuer {
  readonly jwk: PublicJwk
  readonly publicPem: string
  /** Returns a token that is signed with this key. */
  readonly token: (claims?: Part, header?: Part) => string
  readonly tokenOf: (role: CallerRole) => string
  /** Signs two arbitrary parts. */
  readonly signParts: (header: unknown, payload: unknown) => string
  readonly header: Part
  readonly claims: () => Part
}

/** By default, the issuer has the key of the platform. With `testKey(1)`, it is a foreign issuer. */
export function createIssuer (privatePem = testKey()): Issuer {
  const key = createPrivateKey(privatePem)
  const publicKey = createPublicKey(key)
  const jwk = toPublicJwk(publicKey)
  const header = { alg: 'RS256', typ: 'at+jwt', kid: jwk.kid }
  const claims = (): Part => {
    const now = Math.floor(Date.now() / 1000)
    const session = { sub: 'someone', sid: 'a-session', jti: randomUUID(), role: 'ADMIN' }
    return { iss: 'laurel', aud: 'laurel-api', ...session, iat: now, exp: now + 600 }
  }
  const signParts = (first: unknown, second: unknown): string => signRs256(key, first, second)
  return {
    jwk,
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }) as string,
    header,
    claims,
    signParts,
    token: (changed = {}, changedHeader = {}) =>
      signParts({ ...header, ...changedHeader }, { ...claims(), ...changed }),
    tokenOf: role => signParts(header, { ...claims(), role })
  }
}

export function encode (part: unknown): string {
  return Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url')
}

function signRs256 (key: KeyObject, header: unknown, payload: unknown): string {
  const input = `${encode(header)}.${encode(payload)}`
  return `${input}.${sign('sha256', Buffer.from(input), key).toString('base64url')}`
}

export function signHs256 (secret: string, header: unknown, payload: unknown): string {
  const input = `${encode(header)}.${encode(payload)}`
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}
