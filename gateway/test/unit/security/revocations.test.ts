import t from 'tap'
import type { CallerRole } from '@laurel/shared/contracts'
import { eventually } from '../../../../test/kit/run/eventually.ts'
import { createIssuer } from '../../../../test/kit/tokens/issuer.ts'
import { startStandIn } from '../../../../test/kit/stand-ins/services.ts'
import { buildApp } from '../../../src/app.ts'
import { readConfig } from '../../../src/config.ts'
import { followRevocations } from '../../../src/security/revocations.ts'
import { startGateway } from '../../support/gateway.ts'
import { spellingsOf } from '../../support/tokens.ts'

const { app, upstream, issuer } = await startGateway(t, { feedTiming: { pollInterval: 300 } })

t.test('401 for a session that ended before the gateway started', async t => {
  const auth = await startStandIn(t, [issuer.jwk])
  auth.revoked = ['ended']
  const app = await buildApp(readConfig({ AUTH_URL: auth.url, EVENT_URL: auth.url, LOG_LEVEL: 'silent' }))
  t.teardown(async () => { await app.close() })
  const list = async (sid: string) => {
    const headers = { authorization: `Bearer ${issuer.token({ sid })}` }
    return await app.inject({ url: '/v1/events', headers })
  }
  t.match(await list('ended'), { statusCode: 401, headers: { 'www-authenticate': 'Bearer' } })
  t.equal((await list('active')).statusCode, 200)
})

t.test('401 after the next poll for a session that has ended, in any spelling of its token', async t => {
  // This test removes entries from the list, which every thirtieth poll notices, so it uses its own gateway.
  const { call, upstream, issuer } = await startGateway(t, { feedTiming: { pollInterval: 300 } })
  const token = issuer.token({ sid: 'to-end', role: 'USER' })
  const spellings = spellingsOf(token)
  const statuses = async () =>
    await Promise.all(spellings.map(async token => (await call('GET', '/v1/events', { token })).status))
  const allRefused = spellings.map(() => 401)

  t.equal((await call('GET', '/v1/events', { token })).status, 200)
  upstream.revoked = ['to-end']
  await eventually(async () => (await call('GET', '/v1/events', { token })).status === 401)
  t.same(await statuses(), allRefused)
  upstream.revoked = []
  const polls = upstream.feedQueries.length
  await eventually(async () => upstream.feedQueries.length > polls + 1)
  t.same(await statuses(), allRefused, 'a poll only adds sessions')
})

t.test('each poll covers the last 30 seconds', async t => {
  await eventually(async () => upstream.feedQueries.length > 2)
  const [first, ...others] = upstream.feedQueries
  t.equal(first, null, 'the first poll reads everything')
  for (const since of others.filter(since => since !== null)) {
    t.ok(Date.now() - Date.parse(since ?? '') >= 30_000, String(since))
  }
})

t.test('the complete list is read periodically, and expired sessions are removed', async t => {
  const auth = await startStandIn(t)
  auth.revoked = ['old']
  const feed = await followRevocations(auth.url, app.log, { pollInterval: 1 })
  t.teardown(feed.close)
  const admit = (sessionId: string) => { feed.admit({ id: 'u', role: 'USER', sessionId }, 'claim') }
  t.throws(() => { admit('old') }, { code: 'UNAUTHENTICATED' })
  auth.revoked = ['new']
  await eventually(async () => auth.feedQueries.filter(since => since === null).length >= 2)
  await eventually(async () => {
    try {
      admit('old')
      return true
    } catch {
      return false
    }
  })
  t.throws(() => { admit('new') }, { code: 'UNAUTHENTICATED' })
})

t.test('503 for privileged roles while the feed is too old; users and all logouts are not affected', async t => {
  const { call, upstream, issuer } = await startGateway(t, { feedTiming: { pollInterval: 50, maxAge: 300 } })
  const ended = issuer.token({ sid: 'to-end', role: 'USER' })
  const statusOf = async (role: CallerRole, method: string, path: string) =>
    (await call(method, path, { token: issuer.tokenOf(role) })).status
  upstream.revoked = ['to-end']
  await eventually(async () => (await call('GET', '/v1/events', { token: ended })).status === 401)

  upstream.revoked = null
  const refused = await eventually(async () => {
    const answer = await call('GET', '/v1/events', { token: issuer.tokenOf('ADMIN') })
    return answer.status === 503 && answer
  })
  t.match([refused.headers.get('retry-after'), refused.body.code], ['2', 'SERVICE_UNAVAILABLE'])
  for (const [role, method, path] of [
    ['OPERATOR', 'GET', '/v1/events'],
    ['OPERATOR', 'POST', '/v1/events'],
    ['AUDITOR', 'GET', '/v1/claims'],
    ['ADMIN', 'PATCH', '/v1/users/someone'],
    ['SERVICE', 'POST', '/v1/activities'],
    ['ADMIN', 'GET', '/v1/users/me']
  ] as const) t.equal(await statusOf(role, method, path), 503, `${role} ${method} ${path}`)
  for (const [role, method, path] of [
    ['USER', 'GET', '/v1/events'],
    ['USER', 'POST', '/v1/events/e/claims'],
    ['ADMIN', 'POST', '/v1/auth/logout'],
    ['USER', 'POST', '/v1/auth/logout']
  ] as const) t.equal(await statusOf(role, method, path), 200, `${role} ${method} ${path}`)
  for (const path of ['/v1/auth/login', '/v1/auth/refresh']) {
    t.equal((await call('POST', path, { body: {} })).status, 200, path)
  }
  t.equal((await call('GET', '/v1/events', { token: ended })).status, 401, 'known ended sessions stay rejected')

  upstream.revoked = []
  await eventually(async () => await statusOf('ADMIN', 'GET', '/v1/events') === 200)
})

t.test('the gateway does not start before it has read which sessions have ended', async t => {
  const auth = await startStandIn(t, [createIssuer().jwk])
  auth.revoked = null
  await t.rejects(followRevocations(auth.url, app.log, { startupTimeout: 300 }), {
    name: 'StartupError', message: `AUTH_URL: ${auth.url} sent no revoked sessions (it responded with 500)`
  })
  const feed = followRevocations(auth.url, app.log)
  auth.revoked = []
  await t.resolves(feed, 'it waits for auth-service')
  ;(await feed).close()
})
