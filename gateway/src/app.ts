import { publicContracts, type ServiceName } from '@laurel/shared/contracts'
import {
  addHealthRoutes, addSafetyHeaders, createServer, hardenRequests, type HealthCheck, type Server, type TlsOptions
} from '@laurel/shared/http'
import {
  accessClaims, createTokenVerifier, followRemoteKeys, guard, type RemoteKeysTiming
} from '@laurel/shared/tokens'
import type { Config } from './config.ts'
import { createLimits } from './limits/limits.ts'
import { measureFeedAge } from './metrics/feed-age.ts'
import { measureUpstreams } from './metrics/upstream-metrics.ts'
import { addDocs } from './openapi/docs.ts'
import { forward } from './proxy/forward.ts'
import { createUpstream, type Upstream } from './proxy/upstream.ts'
import { allowOrigins } from './security/cors.ts'
import { followRevocations, type FeedTiming } from './security/revocations.ts'

/** The timeout of one readiness check of a service, in milliseconds. */
const readyTimeout = 1500

export interface GatewayOptions {
  /** The maximum time until a service responds, and between two bytes of its body, in milliseconds. */
  readonly responseTimeout?: number
  readonly feedTiming?: FeedTiming
  readonly keysTiming?: RemoteKeysTiming
  /** Absent: plain HTTP. */
  readonly tls?: TlsOptions | undefined
}

/**
 * Builds the gateway, ready to listen. The checks run in this order:
 * 1. rate limit of the client address
 * 2. well-formed request and known path
 * 3. access token, unless the operation is public
 * 4. session that has not ended
 * 5. rate limit of the user
 * 6. role
 * 7. body size
 *
 * A request that passes goes to the service. A path without a contract is 404. Throws a `StartupError` if auth-service
 * does not return its public keys and the revoked sessions.
 */
export async function buildApp (
  config: Config, { responseTimeout, feedTiming, keysTiming, tls }: GatewayOptions = {}
): Promise<Server> {
  const app = createServer({
    name: 'gateway',
    logLevel: config.LOG_LEVEL,
    acceptRequestId: false,
    trustProxy: config.TRUST_PROXY,
    tls
  })
  // The gateway forwards every body as bytes; the service checks its content type.
  app.removeContentTypeParser('text/plain')
  const limits = await createLimits(app, config)
  const access = createTokenVerifier({
    typ: 'at+jwt', issuer: config.JWT_ISSUER, audience: config.JWT_AUDIENCE, requiredClaims: accessClaims
  })
  const keys = await followRemoteKeys(config.AUTH_URL, access.setKeys, app.log, keysTiming)
  app.addHook('onClose', async () => { keys.close() })
  const revocations = await followRevocations(config.AUTH_URL, app.log, feedTiming)
  app.addHook('onClose', async () => { revocations.close() })
  measureFeedAge(app, revocations)

  // The order of these hooks is the order of the checks. CORS comes first so that a page can read refusals too.
  addSafetyHeaders(app, tls !== undefined)
  if (config.CORS_ORIGIN !== undefined) await allowOrigins(app, config.CORS_ORIGIN)
  app.addHook('onRequest', limits.checkAddress)
  hardenRequests(app)
  await app.register(guard, {
    access, refreshKeys: keys.refresh, checkSession: revocations.admit, checkRateLimit: limits.checkUser
  })

  const urls = { 'auth-service': config.AUTH_URL, 'event-service': config.EVENT_URL }
  const ready = { 'auth-service': isReady(config.AUTH_URL), 'event-service': isReady(config.EVENT_URL) }
  addHealthRoutes(app, { required: ready, optional: limits.checks })
  await app.register(addDocs)

  const metrics = measureUpstreams(app)
  const createServiceUpstream = (service: ServiceName): Upstream =>
    createUpstream(urls[service], { responseTimeout, onRetry: () => { metrics.countRetry(service) } })
  const upstreams = {
    'auth-service': createServiceUpstream('auth-service'),
    'event-service': createServiceUpstream('event-service')
  }
  app.addHook('onClose', async () => {
    await Promise.all(Object.values(upstreams).map(async upstream => { await upstream.close() }))
  })
  for (const contract of publicContracts) {
    await forward(app, contract, { url: urls[contract.service], upstream: upstreams[contract.service], metrics })
  }
  return app
}

function isReady (service: string): HealthCheck {
  const url = new URL('/health/ready', service)
  return async () => {
    const response = await fetch(url, { signal: AbortSignal.timeout(readyTimeout), redirect: 'error' })
    if (!response.ok) throw new Error(`it responded with ${response.status}`)
  }
}
