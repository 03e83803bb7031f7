import t from 'tap'
import { createIssuer } from '../../test/kit/issuer.ts'
import { eventually } from '../../test/kit/eventually.ts'
import { startStandIn } from '../../test/kit/stand-in.ts'
import { buildApp } from '../src/app.ts'
import { readConfig } from '../src/config.ts'
import { followRevocations } from '../src/revocations.ts'
import { startGateway } from './support/gateway.ts'

const gateway = await startGateway(t)
const { upstream, issuer } = gateway

t.test('401: a session that ended before the gateway listened', async t => {
  const auth = await startStandIn(t, [issuer.jwk])
  auth.revoked = ['ended']
  const app = await buildApp(readConfig({ AUTH_URL: auth.url, EVENT_URL: auth.url, LOG_LEVEL: 'silent' }))
  t.teardown(async () => { await app.close() })
  const ask = async (sid: string) => await app.inject({ url: '/v1/events', headers: { authorization: `Bearer ${issuer.token({ sid })}` } })
  t.match(await ask('ended'), { statusCode: 401, headers: { 'www-authenticate': 'Bearer' } })
  t.equal((await ask('living')).statusCode, 200)
})

t.test('401: a session that ends is refused from the next poll on, however its token is spelled, and stays refused', async t => {
  // Its own: every thirtieth poll forgets what this one takes back.
  const { call, upstream, issuer } = await startGateway(t)
  const token = issuer.token({ sid: 'to-end', role: 'USER' })
  // The last of 342 characters holds four bits that nobody reads.
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const last = alphabet.indexOf(token.at(-1) ?? '')
  const twins = [0, 5, 10, 15].map(bits => `${token.slice(0, -1)}${alphabet[(last & ~15) | bits] ?? ''}`)
  const statuses = async () => await Promise.all(twins.map(async token => (await call('GET', '/v1/events', { token })).status))
  t.equal((await call('GET', '/v1/events', { token })).status, 200)
  upstream.revoked = ['to-end']
  await eventually(async () => (await call('GET', '/v1/events', { token })).status === 401)
  t.same(await statuses(), [401, 401, 401, 401])
  upstream.revoked = []
  const polls = upstream.feedQueries.length
  await eventually(async () => upstream.feedQueries.length > polls + 1)
  t.same(await statuses(), [401, 401, 401, 401], 'a poll tells what is new')
})

t.test('each poll reads the last 30 seconds again', async t => {
  await eventually(async () => upstream.feedQueries.length > 2)
  const [first, ...others] = upstream.feedQueries
  t.equal(first, null, 'the first reads everything')
  // At times all is read anew.
  for (const since of others.filter(since => since !== null)) t.ok(Date.now() - Date.parse(since ?? '') >= 30_000, String(since))
})

t.test('everything is read anew at times, which forgets what has expired', async t => {
  const auth = await startStandIn(t)
  auth.revoked = ['old']
  const feed = await followRevocations(auth.url, gateway.app.log, { pollInterval: 1 })
  t.teardown(feed.close)
  const admit = (sessionId: string) => { feed.admit({ id: 'u', role: 'USER', sessionId }, 'claim') }
  t.throws(() => { admit('old') }, { code: 'UNAUTHENTICATED' })
  auth.revoked = ['new']
  await eventually(async () => auth.feedQueries.filter(since => since === null).length >= 2)
  await eventually(async () => { try { admit('old'); return true } catch { return false } })
  t.throws(() => { admit('new') }, { code: 'UNAUTHENTICATED' })
})

t.test('503: on a feed of 10 seconds ago only users and those who sign out go on, and then everybody again', async t => {
  const { call, upstream, issuer } = await startGateway(t)
  upstream.revoked = ['to-end']
  await eventually(async () => (await call('GET', '/v1/events', { token: issuer.token({ sid: 'to-end', role: 'USER' }) })).status === 401)
  upstream.revoked = null
  const ask = async (role: 'USER' | 'OPERATOR' | 'AUDITOR' | 'ADMIN' | 'SERVICE', method: string, path: string) => await call(method, path, { token: issuer.tokenOf(role) })
  t.equal((await ask('ADMIN', 'GET', '/v1/events')).status, 200, 'not at once')
  const refused = await eventually(async () => {
    const answer = await ask('ADMIN', 'GET', '/v1/events')
    return answer.status === 503 && answer
  }, 30_000)
  t.match([refused.headers.get('retry-after'), refused.body.code], ['2', 'SERVICE_UNAVAILABLE'])
  for (const [role, method, path] of [
    ['OPERATOR', 'GET', '/v1/events'], ['OPERATOR', 'POST', '/v1/events'], ['AUDITOR', 'GET', '/v1/claims'], ['ADMIN', 'PATCH', '/v1/users/someone'], ['SERVICE', 'POST', '/v1/activities'],
    ['ADMIN', 'GET', '/v1/users/me']
  ] as const) t.equal((await ask(role, method, path)).status, 503, `${role} ${method} ${path}`)
  for (const [role, method, path] of [['USER', 'GET', '/v1/events'], ['USER', 'POST', '/v1/events/e/claims'], ['ADMIN', 'POST', '/v1/auth/logout'], ['USER', 'POST', '/v1/auth/logout']] as const) {
    t.equal((await ask(role, method, path)).status, 200, `${role} ${method} ${path}`)
  }
  for (const path of ['/v1/auth/login', '/v1/auth/refresh']) t.equal((await call('POST', path, { body: {} })).status, 200, path)
  t.equal((await call('GET', '/v1/events', { token: issuer.token({ sid: 'to-end', role: 'USER' }) })).status, 401, 'what was known stays known')

  upstream.revoked = []
  await eventually(async () => (await ask('ADMIN', 'GET', '/v1/events')).status === 200)
})

t.test('a gateway that cannot learn which sessions have ended does not start', async t => {
  const auth = await startStandIn(t, [createIssuer().jwk])
  auth.revoked = null
  await t.rejects(followRevocations(auth.url, gateway.app.log, { patience: 300 }), {
    name: 'StartupError', message: `AUTH_URL: no revocations from auth-service at ${auth.url} (auth-service answered 500)`
  })
  const feed = followRevocations(auth.url, gateway.app.log)
  auth.revoked = []
  await t.resolves(feed, 'and waits a while for it')
  ;(await feed).close()
})
