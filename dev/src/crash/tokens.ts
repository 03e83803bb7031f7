import type { CallerRole } from '@laurel/shared/contracts'
import { toPublicJwk } from '@laurel/shared/tokens'
import { createPublicKey, generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What stands in for auth-service: it publishes a key and signs with it. */
export interface Tokens {
  readonly authUrl: string
  /** An access token of this account, the same one again while it is asked for. */
  readonly of: (role: CallerRole, sub: string) => string
  readonly close: () => void
}

const lifetime = 3600

export async function createTokens (): Promise<Tokens> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const jwk = toPublicJwk(createPublicKey(privateKey))
  const made = new Map<string, string>()
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys: [jwk] }))
  })
  await new Promise<void>(resolve => { server.listen(0, '127.0.0.1', resolve) })
  const { port } = server.address() as AddressInfo

  function make (role: CallerRole, sub: string): string {
    const now = Math.floor(Date.now() / 1000)
    const header = { alg: 'RS256', typ: 'at+jwt', kid: jwk.kid }
    const claims = { iss: 'laurel', aud: 'laurel-api', sub, sid: 'crash', jti: randomUUID(), role, iat: now, exp: now + lifetime }
    const input = [header, claims].map(part => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
    return `${input}.${sign('sha256', Buffer.from(input), privateKey).toString('base64url')}`
  }

  return {
    authUrl: `http://127.0.0.1:${port}`,
    of (role, sub) {
      const name = `${role} ${sub}`
      const token = made.get(name) ?? make(role, sub)
      made.set(name, token)
      return token
    },
    close: () => {
      server.closeAllConnections()
      server.close()
    }
  }
}
