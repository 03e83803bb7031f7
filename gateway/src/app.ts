import { publicContracts } from '@laurel/shared/contracts'
import { addHealth, createServer, refuseOddRequests, type Check, type Server } from '@laurel/shared/http'
import { accessClaims, createTokenVerifier, followRemoteKeys, guard } from '@laurel/shared/tokens'
import type { Config } from './config.ts'
import { allowOrigins } from './cors.ts'
import { docs } from './docs.ts'
import { forward } from './forward.ts'
import { addSafetyHeaders } from './headers.ts'
import { createLimits } from './limits.ts'
import { followRevocations } from './revocations.ts'
import { readTls } from './tls.ts'
import { createUpstream } from './upstream.ts'
import { measureUpstreams } from './upstream-time.ts'

/**
 * The gateway, ready to listen. A request passes, in this order: limit of its address → plain path → access of its contract →
 * token → living session → limit of its user → role → size of the body → the service. What no contract lists is 404.
 * @param answerTimeout milliseconds that a service may be silent for.
 * @throws {StartupError} where auth-service does not give its public keys and the ended sessions.
 */
export async function buildApp (config: Config, answerTimeout?: number): Promise<Server> {
  const tls = readTls(config)
  const app = createServer({ name: 'gateway', logLevel: config.LOG_LEVEL, takesRequestId: false, trustProxy: config.TRUST_PROXY, tls })
  // A service says what it takes; here every body is bytes.
  app.removeContentTypeParser('text/plain')
  const limits = await createLimits(app, config)
  const access = createTokenVerifier({
    typ: 'at+jwt', issuer: config.JWT_ISSUER, audience: config.JWT_AUDIENCE, requiredClaims: accessClaims
  })
  const keys = await followRemoteKeys(config.AUTH_URL, access.setKeys, app.log)
  app.addHook('onClose', async () => { keys.close() })
  const revocations = await followRevocations(config.AUTH_URL, app.log)
  app.addHook('onClose', async () => { revocations.close() })
  addSafetyHeaders(app, tls !== undefined)
  // Before anything refuses: a page may read refusals, too.
  if (config.CORS_ORIGIN !== undefined) await allowOrigins(app, config.CORS_ORIGIN)
  app.addHook('onRequest', limits.ofAddress)
  refuseOddRequests(app)
  await app.register(guard, { access, refreshKeys: keys.refresh, admit: revocations.admit, limit: limits.ofUser })

  const urls = { 'auth-service': config.AUTH_URL, 'event-service': config.EVENT_URL }
  const services = { 'auth-service': isReady(config.AUTH_URL), 'event-service': isReady(config.EVENT_URL) }
  addHealth(app, services, undefined, limits.checks)
  await app.register(docs)

  const upstreams = { 'auth-service': createUpstream(config.AUTH_URL, answerTimeout), 'event-service': createUpstream(config.EVENT_URL, answerTimeout) }
  app.addHook('onClose', async () => { await Promise.all(Object.values(upstreams).map(async upstream => { await upstream.close() })) })
  const timer = measureUpstreams(app)
  for (const contract of publicContracts) {
    await forward(app, contract, urls[contract.service], upstreams[contract.service], timer)
  }
  return app
}

function isReady (service: string): Check {
  const url = new URL('/health/ready', service)
  return async () => {
    const response = await fetch(url, { signal: AbortSignal.timeout(1500), redirect: 'error' })
    if (!response.ok) throw new Error(`it answered ${response.status}`)
  }
}
