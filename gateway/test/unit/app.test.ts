import t, { type Test } from 'tap'
import { createIssuer } from '../../../test/kit/tokens/issuer.ts'
import { testKey } from '../../../test/kit/tokens/keys.ts'
import { startStandIn } from '../../../test/kit/stand-ins/services.ts'
import { buildApp, type GatewayOptions } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'

const issuer = createIssuer()

async function startWithTwoServices (t: Test, options?: GatewayOptions) {
  const auth = await startStandIn(t, [issuer.jwk])
  const event = await startStandIn(t)
  const app = await buildApp(readConfig({ AUTH_URL: auth.url, EVENT_URL: event.url, LOG_LEVEL: 'silent' }), options)
  t.teardown(async () => { await app.close() })
  return { app, auth, event }
}

t.test('each operation goes to its own service', async t => {
  const { app, auth, event } = await startWithTwoServices(t)
  const headers = { authorization: `Bearer ${issuer.tokenOf('ADMIN')}` }
  for (const url of ['/v1/users', '/v1/events', '/v1/users/me', '/v1/users/me/wallet']) {
    await app.inject({ url, headers })
  }
  t.same(auth.arrivals.map(({ url }) => url), ['/v1/users', '/v1/users/me'])
  t.same(event.arrivals.map(({ url }) => url), ['/v1/events', '/v1/users/me/wallet'])
  for (const { arrivals, port } of [auth, event]) t.match(arrivals, [{ headers: { host: `127.0.0.1:${port}` } }])
})

t.test('200: /health/live reports that the process is running, even if no service is ready', async t => {
  const { app, auth, event } = await startWithTwoServices(t)
  auth.ready = event.ready = false
  const answer = await app.inject('/health/live')
  t.match(answer, { statusCode: 200 })
  t.same(answer.json(), { status: 'ok' })
})

t.test('200: /health/ready names each service', async t => {
  const { app } = await startWithTwoServices(t)
  const answer = await app.inject('/health/ready')
  t.equal(answer.statusCode, 200)
  t.same(answer.json(), { status: 'ok', checks: { 'auth-service': 'ok', 'event-service': 'ok' } })
})

t.test('503 with Retry-After: /health/ready names the service that is not ready', async t => {
  const { app, event } = await startWithTwoServices(t)
  event.ready = false
  const answer = await app.inject('/health/ready')
  t.match(answer, {
    statusCode: 503,
    headers: { 'retry-after': /^[1-9]\d*$/, 'content-type': /^application\/problem\+json/ }
  })
  t.match(answer.json(), {
    code: 'NOT_READY', detail: /event-service/, checks: { 'auth-service': 'ok', 'event-service': 'down' }
  })
})

t.test('503: /health/ready names the services that have stopped', async t => {
  const { app, auth, event } = await startWithTwoServices(t)
  await Promise.all([auth.stop(), event.stop()])
  t.match((await app.inject('/health/ready')).json(), { status: 503, detail: /auth-service, event-service/ })
})

t.test('200 for tokens with known keys while auth-service is down', async t => {
  const { app, auth } = await startWithTwoServices(t)
  await auth.stop()
  const headers = { authorization: `Bearer ${issuer.tokenOf('USER')}` }
  t.match(await app.inject({ url: '/v1/events', headers }), { statusCode: 200 })
})

t.test('200 for a key that auth-service publishes later, without a restart', async t => {
  const { app, auth } = await startWithTwoServices(t, { keysTiming: { minInterval: 0 } })
  const next = createIssuer(testKey(1))
  auth.keys = { keys: [issuer.jwk, next.jwk] }
  const headers = { authorization: `Bearer ${next.tokenOf('USER')}` }
  t.match(await app.inject({ url: '/v1/events', headers }), { statusCode: 200 })
})

t.test('the URL of a service may end with a slash', async t => {
  const upstream = await startStandIn(t, [issuer.jwk])
  const url = `${upstream.url}/`
  const app = await buildApp(readConfig({ AUTH_URL: url, EVENT_URL: url, LOG_LEVEL: 'silent' }))
  t.teardown(async () => { await app.close() })
  const headers = { authorization: `Bearer ${issuer.tokenOf('USER')}` }
  t.match(await app.inject({ url: '/v1/events/e-1', headers }), { statusCode: 200 })
  t.match(upstream.arrivals, [{ url: '/v1/events/e-1' }])
})
