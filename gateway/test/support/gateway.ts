import type { AddressInfo } from 'node:net'
import type { Server } from '@laurel/shared/http'
import { createCall, type Call } from '../../../test/kit/http/client.ts'
import type { Owner } from '../../../test/kit/run/owner.ts'
import { createIssuer, type Issuer } from '../../../test/kit/tokens/issuer.ts'
import { startStandIn, type StandIn } from '../../../test/kit/stand-ins/services.ts'
import { buildApp, type GatewayOptions } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import { readTls } from '../../src/security/tls.ts'

export interface TestGateway {
  readonly app: Server
  readonly port: number
  readonly url: string
  readonly call: Call
  /** The stand-in for both services behind the gateway. */
  readonly upstream: StandIn
  readonly issuer: Issuer
}

export interface TestGatewayOptions extends GatewayOptions {
  readonly env?: Readonly<Record<string, string>>
}

/**
 * Builds the gateway in front of one stand-in for both services. It does not listen yet. It is closed with the test.
 * Its rate limits are off unless `env` turns them on.
 */
export async function buildGateway (t: Owner, { env, ...options }: TestGatewayOptions = {}) {
  const issuer = createIssuer()
  const upstream = await startStandIn(t, [issuer.jwk])
  const config = readConfig({
    AUTH_URL: upstream.url,
    EVENT_URL: upstream.url,
    LOG_LEVEL: 'silent',
    RATE_LIMIT_PER_MINUTE: '0',
    LOGIN_LIMIT_PER_MINUTE: '0',
    ...env
  })
  const app = await buildApp(config, { tls: readTls(config), ...options })
  t.teardown(async () => { await app.close() })
  return { app, upstream, issuer }
}

/** Starts a gateway from `buildGateway` on a real socket. */
export async function startGateway (t: Owner, options?: TestGatewayOptions): Promise<TestGateway> {
  const built = await buildGateway(t, options)
  await built.app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = built.app.server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  return { ...built, port, url, call: createCall(url) }
}
