import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { CallerRole } from '@laurel/shared/contracts'
import { createIssuer } from '../kit/tokens/issuer.ts'

/** A stand-in for auth-service: publishes a key and signs tokens with it. Every account is ACTIVE. */
export interface AuthStandIn {
  readonly url: string
  /** Returns an access token; the same one for the same caller. */
  readonly tokenFor: (role: CallerRole, sub: string) => string
  readonly close: () => void
}

const lifetimeSeconds = 3600

function accountsOf ({ userIds }: { readonly userIds: readonly string[] }): object[] {
  return userIds.map(id => ({ id, status: 'ACTIVE' }))
}

export async function startAuthStandIn (): Promise<AuthStandIn> {
  const { jwk, token } = createIssuer()
  const tokens = new Map<string, string>()
  const server = createServer((request, response) => {
    const send = (body: unknown): void => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    }
    if (request.url !== '/internal/users/lookup') send({ keys: [jwk], status: 'ACTIVE' })
    // A killed server does not finish its request.
    else void text(request).then(body => { send({ users: accountsOf(JSON.parse(body)) }) }).catch(() => undefined)
  })
  await new Promise<void>(resolve => { server.listen(0, '127.0.0.1', resolve) })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tokenFor (role, sub) {
      const caller = `${role} ${sub}`
      const known = tokens.get(caller) ?? token({ sub, role, exp: Math.floor(Date.now() / 1000) + lifetimeSeconds })
      tokens.set(caller, known)
      return known
    },
    close () {
      server.closeAllConnections()
      server.close()
    }
  }
}
