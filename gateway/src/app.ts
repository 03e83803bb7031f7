import { publicContracts } from '@laurel/shared/contracts'
import { addHealth, createServer, type Check, type Server } from '@laurel/shared/http'
import { accessClaims, createTokenVerifier, followRemoteKeys, guard } from '@laurel/shared/tokens'
import type { Config } from './config.ts'
import { docs } from './docs.ts'
import { createPool, defaultAnswerTimeout, forward } from './forward.ts'
import { followRevocations } from './revocations.ts'

/**
 * The gateway, ready to listen. A request passes, in this order: plain path → access of its contract → token → living session → role →
 * size of the body → the service. What no contract lists is 404.
 * @param answerTimeout milliseconds that a service may be silent for.
 * @throws {StartupError} where auth-service does not give its public keys and the ended sessions.
 */
export async function buildApp (config: Config, answerTimeout = defaultAnswerTimeout): Promise<Server> {
  const app = createServer({ name: 'gateway', logLevel: config.LOG_LEVEL, takesRequestId: false })
  const access = createTokenVerifier({
    typ: 'at+jwt', issuer: config.JWT_ISSUER, audience: config.JWT_AUDIENCE, requiredClaims: accessClaims
  })
  const keys = await followRemoteKeys(config.AUTH_URL, access.setKeys, app.log)
  app.addHook('onClose', async () => { keys.close() })
  const revocations = await followRevocations(config.AUTH_URL, app.log)
  app.addHook('onClose', async () => { revocations.close() })
  await app.register(guard, { access, refreshKeys: keys.refresh, admit: revocations.admit })

  const urls = { 'auth-service': config.AUTH_URL, 'event-service': config.EVENT_URL }
  addHealth(app, { 'auth-service': isReady(config.AUTH_URL), 'event-service': isReady(config.EVENT_URL) })
  await app.register(docs)

  const pools = { 'auth-service': createPool(config.AUTH_URL, answerTimeout), 'event-service': createPool(config.EVENT_URL, answerTimeout) }
  for (const contract of publicContracts) {
    await forward(app, contract, urls[contract.service], pools[contract.service])
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
