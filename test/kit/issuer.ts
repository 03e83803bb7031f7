import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, randomUUID, sign, type KeyObject } from 'node:crypto'
import type { CallerRole } from '@laurel/shared/contracts'
import { toPublicJwk, type PublicJwk } from '@laurel/shared/tokens'

export type Part = Readonly<Record<string, unknown>>

/** Makes tokens by hand, the wrong ones too, for no library would: a part that is given replaces the right one, undefined leaves it out. */
export interface Issuer {
  readonly jwk: PublicJwk
  readonly publicPem: string
  /** A token that this key has signed. */
  readonly token: (claims?: Part, header?: Part) => string
  readonly tokenOf: (role: CallerRole) => string
  /** Signs any two parts, whatever they are. */
  readonly signParts: (header: unknown, payload: unknown) => string
  readonly header: Part
  readonly claims: () => Part
}

/** @param privatePem the platform's own key; without it a new one. */
export function createIssuer (privatePem?: string): Issuer {
  const key = privatePem === undefined ? generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey : createPrivateKey(privatePem)
  const publicKey = createPublicKey(key)
  const jwk = toPublicJwk(publicKey)
  const header = { alg: 'RS256', typ: 'at+jwt', kid: jwk.kid }
  const claims = (): Part => {
    const now = Math.floor(Date.now() / 1000)
    return { iss: 'laurel', aud: 'laurel-api', sub: 'someone', sid: 'a-session', jti: randomUUID(), role: 'ADMIN', iat: now, exp: now + 600 }
  }
  const signParts = (first: unknown, second: unknown): string => signRs256(key, first, second)
  return {
    jwk,
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }) as string,
    header,
    claims,
    signParts,
    token: (changed = {}, changedHeader = {}) => signParts({ ...header, ...changedHeader }, { ...claims(), ...changed }),
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
