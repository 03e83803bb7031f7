import type { AddressInfo } from 'node:net'
import type { Server } from '@laurel/shared/http'
import type { Test } from 'tap'
import { createCall, type Call } from '../../../test/kit/client.ts'
import { createIssuer, type Issuer } from '../../../test/kit/issuer.ts'
import { startStandIn, type StandIn } from '../../../test/kit/stand-in.ts'
import { buildApp } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'

export interface TestGateway {
  readonly app: Server
  readonly port: number
  readonly url: string
  readonly call: Call
  /** Stands behind the gateway for both services. */
  readonly upstream: StandIn
  readonly issuer: Issuer
}

/** The gateway on a real socket before a stand-in for both services, ended with the test; without limits unless a test asks for them. */
export async function startGateway (t: Test, answerTimeout?: number, env: Readonly<Record<string, string>> = {}): Promise<TestGateway> {
  const issuer = createIssuer()
  const upstream = await startStandIn(t, [issuer.jwk])
  const app = await buildApp(readConfig({
    AUTH_URL: upstream.url, EVENT_URL: upstream.url, LOG_LEVEL: 'silent', RATE_LIMIT_PER_MINUTE: '0', LOGIN_LIMIT_PER_MINUTE: '0', ...env
  }), answerTimeout)
  t.teardown(async () => { await app.close() })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  return { app, port, url, call: createCall(url), upstream, issuer }
}
