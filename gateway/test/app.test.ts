import t, { type Test } from 'tap'
import { createIssuer } from '../../test/kit/issuer.ts'
import { startStandIn } from '../../test/kit/stand-in.ts'
import { buildApp } from '../src/app.ts'
import { readConfig } from '../src/config.ts'

const issuer = createIssuer()

async function startBetween (t: Test) {
  const auth = await startStandIn(t, [issuer.jwk])
  const event = await startStandIn(t)
  const app = await buildApp(readConfig({ AUTH_URL: auth.url, EVENT_URL: event.url, LOG_LEVEL: 'silent' }))
  t.teardown(async () => { await app.close() })
  return { app, auth, event }
}

t.test('every operation goes to its own service', async t => {
  const { app, auth, event } = await startBetween(t)
  const headers = { authorization: `Bearer ${issuer.tokenOf('ADMIN')}` }
  await app.inject({ url: '/v1/users', headers })
  await app.inject({ url: '/v1/events', headers })
  await app.inject({ url: '/v1/users/me', headers })
  await app.inject({ url: '/v1/users/me/wallet', headers })
  t.same(auth.arrivals.map(({ url }) => url), ['/v1/users', '/v1/users/me'])
  t.same(event.arrivals.map(({ url }) => url), ['/v1/events', '/v1/users/me/wallet'])
  for (const { arrivals, port } of [auth, event]) t.match(arrivals, [{ headers: { host: `127.0.0.1:${port}` } }])
})

t.test('200: /health/live says that the process runs, whatever is behind it', async t => {
  const { app, auth, event } = await startBetween(t)
  auth.ready = event.ready = false
  const answer = await app.inject('/health/live')
  t.match(answer, { statusCode: 200 })
  t.same(answer.json(), { status: 'ok' })
})

t.test('200: /health/ready names each service', async t => {
  const { app } = await startBetween(t)
  const answer = await app.inject('/health/ready')
  t.equal(answer.statusCode, 200)
  t.same(answer.json(), { status: 'ok', checks: { 'auth-service': 'ok', 'event-service': 'ok' } })
})

t.test('503 with Retry-After: /health/ready names the service that is not ready', async t => {
  const { app, event } = await startBetween(t)
  event.ready = false
  const answer = await app.inject('/health/ready')
  t.match(answer, { statusCode: 503, headers: { 'retry-after': /^[1-9]\d*$/, 'content-type': /^application\/problem\+json/ } })
  t.match(answer.json(), { code: 'NOT_READY', detail: 'Missing: event-service', checks: { 'auth-service': 'ok', 'event-service': 'down' } })
})

t.test('503: /health/ready names the services that are gone', async t => {
  const { app, auth, event } = await startBetween(t)
  await Promise.all([auth.stop(), event.stop()])
  t.match((await app.inject('/health/ready')).json(), { status: 503, detail: 'Missing: auth-service, event-service' })
})

t.test('requests with known keys go on while auth-service is away', async t => {
  const { app, auth } = await startBetween(t)
  await auth.stop()
  t.match(await app.inject({ url: '/v1/events', headers: { authorization: `Bearer ${issuer.tokenOf('USER')}` } }), { statusCode: 200 })
})

t.test('a key that auth-service publishes later counts without a restart', async t => {
  const { app, auth } = await startBetween(t)
  const next = createIssuer()
  auth.keys = { keys: [issuer.jwk, next.jwk] }
  // The keys were fetched a moment ago: an unknown key is looked for again after two seconds.
  await new Promise(resolve => setTimeout(resolve, 2000))
  t.match(await app.inject({ url: '/v1/events', headers: { authorization: `Bearer ${next.tokenOf('USER')}` } }), { statusCode: 200 })
})

t.test('configuration: the defaults are those of the document', async t => {
  t.same(readConfig({}), {
    HOST: '127.0.0.1', PORT: 3000, AUTH_URL: 'http://127.0.0.1:3001', EVENT_URL: 'http://127.0.0.1:3002', JWT_ISSUER: 'laurel', JWT_AUDIENCE: 'laurel-api', LOG_LEVEL: 'info', RATE_LIMIT_PER_MINUTE: 600, LOGIN_LIMIT_PER_MINUTE: 30
  })
})

for (const [name, value] of [
  ['PORT', 'eighty'], ['PORT', '65536'], ['PORT', '-1'], ['LOG_LEVEL', 'loud'], ['AUTH_URL', 'localhost:3001'], ['AUTH_URL', '3001'], ['EVENT_URL', 'mailto:someone@example.com'],
  ['EVENT_URL', 'ftp://127.0.0.1'], ['EVENT_URL', 'http://user:secret@127.0.0.1:3002'], ['EVENT_URL', 'http://127.0.0.1:99999'], ['EVENT_URL', 'http://127.0.0.1:3002/base'], ['EVENT_URL', 'http://127.0.0.1:3002/?x=1']
] as const) {
  t.test(`a bad ${name} stops the start with one line that names it and not its value: ${value}`, async t => {
    const error = t.throws(() => readConfig({ [name]: value }), { name: 'StartupError', message: new RegExp(`^Configuration: ${name} .+$`) })
    t.notMatch((error as Error).message, value)
  })
}

t.test('a URL may end with a slash', async t => {
  const upstream = await startStandIn(t, [issuer.jwk])
  const app = await buildApp(readConfig({ AUTH_URL: `${upstream.url}/`, EVENT_URL: `${upstream.url}/`, LOG_LEVEL: 'silent' }))
  t.teardown(async () => { await app.close() })
  t.match(await app.inject({ url: '/v1/events/e-1', headers: { authorization: `Bearer ${issuer.tokenOf('USER')}` } }), { statusCode: 200 })
  t.match(upstream.arrivals, [{ url: '/v1/events/e-1' }])
})
