import t, { type Test } from 'tap'
import { badAuthorizations } from '../../test/kit/bad-tokens.ts'
import { eventually } from '../../test/kit/eventually.ts'
import { startRedisStandIn } from '../../test/kit/redis-stand-in.ts'
import { startGateway } from './support/gateway.ts'

type Env = Readonly<Record<string, string>>

async function start (t: Test, env: Env) {
  const gateway = await startGateway(t, undefined, env)
  const { app, call, issuer } = gateway
  const tokenOf = (sub: string) => issuer.token({ sub, role: 'USER' })
  return {
    ...gateway,
    tokenOf,
    /** The statuses of so many requests, one after the other. */
    async statuses (count: number, path: string, options: { method?: string, token?: string, headers?: Env } = {}): Promise<number[]> {
      const { method = 'GET', ...rest } = options
      const statuses: number[] = []
      for (let n = 0; n < count; n++) statuses.push((await call(method, path, rest)).status)
      return statuses
    },
    metric: async (name: string) => await app.metrics.getSingleMetricAsString(name)
  }
}

t.test('429 for a user who asks too much, with the headers that say when again; others are not touched', async t => {
  const { call, statuses, tokenOf, upstream, metric } = await start(t, { RATE_LIMIT_PER_MINUTE: '3' })
  const token = tokenOf('kim')
  const first = await call('GET', '/v1/events', { token })
  t.same([first.headers.get('ratelimit-limit'), first.headers.get('ratelimit-remaining')], ['3', '2'])
  t.match(first.headers.get('ratelimit-reset'), /^\d+$/)
  t.same(await statuses(3, '/v1/users/me', { token }), [200, 200, 429])
  const refused = await call('GET', '/v1/events', { token })
  t.match(refused, { status: 429, body: { title: 'Too Many Requests', status: 429, code: 'RATE_LIMITED' } })
  t.match(refused.headers.get('content-type'), 'application/problem+json')
  t.match(refused.headers.get('retry-after'), /^([1-9]|[1-5]\d|60)$/)
  t.equal(refused.headers.get('ratelimit-remaining'), '0')
  t.equal(upstream.arrivals.length, 3)
  t.same(await statuses(3, '/v1/events', { token: tokenOf('lee') }), [200, 200, 200])
  t.match(await metric('laurel_limit_hits_total'), 'laurel_limit_hits_total{limit="user"} 2')
})

t.test('429 before the token is looked at: a flood of bad tokens, and of no tokens, is counted by address', async t => {
  const { call, issuer, statuses, tokenOf, upstream, metric } = await start(t, { RATE_LIMIT_PER_MINUTE: '1' })
  const bad = badAuthorizations(issuer).map(([, authorization]) => authorization).slice(0, 10)
  for (const authorization of bad) t.equal((await call('GET', '/v1/events', { headers: { authorization } })).status, 401)
  t.same(await statuses(20 - bad.length, '/v1/nothing'), Array.from({ length: 20 - bad.length }, () => 404))
  t.match(await call('GET', '/v1/events', { headers: { authorization: String(bad[0]) } }), { status: 429, body: { code: 'RATE_LIMITED' } })
  t.same(await statuses(1, '/v1/events', { token: tokenOf('kim') }), [429], 'nothing of this address is verified any more')
  t.same(await statuses(2, '/.well-known/jwks.json'), [429, 429])
  t.same(await statuses(2, '/health/live'), [200, 200], 'who watches is not refused')
  t.same(upstream.arrivals, [])
  t.match(await metric('laurel_limit_hits_total'), 'limit="address"} 4')
})

t.test('any number of users may sit behind one address: a good token counts against its user alone', async t => {
  const { call, tokenOf } = await start(t, { RATE_LIMIT_PER_MINUTE: '1' })
  for (let n = 0; n < 30; n++) t.equal((await call('GET', '/v1/events', { token: tokenOf(`user-${n}`) })).status, 200)
})

t.test('a good token counts also where its role may not, and for its address where its session has ended', async t => {
  const { call, statuses, tokenOf, upstream, issuer } = await start(t, { RATE_LIMIT_PER_MINUTE: '3' })
  t.same(await statuses(4, '/v1/claims', { token: tokenOf('kim') }), [403, 403, 403, 429])
  t.same(await statuses(1, '/v1/events', { token: tokenOf('kim') }), [429])
  const token = issuer.token({ sub: 'lee', role: 'USER', sid: 'ended' })
  upstream.revoked = ['ended']
  await eventually(async () => (await call('GET', '/v1/events', { token })).status === 401)
  t.ok((await statuses(60, '/v1/events', { token })).every(status => status === 401 || status === 429))
  t.same(await statuses(1, '/v1/events', { token }), [429])
})

t.test('registrations have a limit of their own, five times that of sign-ins', async t => {
  const { statuses } = await start(t, { LOGIN_LIMIT_PER_MINUTE: '1' })
  t.same(await statuses(6, '/v1/auth/register', { method: 'POST' }), [200, 200, 200, 200, 200, 429])
  t.same(await statuses(2, '/v1/auth/login', { method: 'POST' }), [200, 429])
})

t.test('sign-ins have a limit of their own', async t => {
  const { statuses, tokenOf, metric } = await start(t, { LOGIN_LIMIT_PER_MINUTE: '3', RATE_LIMIT_PER_MINUTE: '1' })
  t.same(await statuses(2, '/v1/auth/login', { method: 'POST' }), [200, 200])
  t.same(await statuses(2, '/v1/auth/token', { method: 'POST' }), [200, 429])
  t.same(await statuses(1, '/v1/auth/login', { method: 'POST' }), [429])
  t.same(await statuses(1, '/v1/auth/register', { method: 'POST' }), [200])
  t.same(await statuses(1, '/v1/events', { token: tokenOf('kim') }), [200])
  t.match(await metric('laurel_limit_hits_total'), 'limit="sign-in"} 2')
})

t.test('0 turns either off', async t => {
  const { statuses, tokenOf } = await start(t, { LOGIN_LIMIT_PER_MINUTE: '2', RATE_LIMIT_PER_MINUTE: '0' })
  t.same(await statuses(3, '/v1/auth/login', { method: 'POST' }), [200, 200, 429])
  t.notOk((await statuses(40, '/v1/events', { token: tokenOf('kim') })).includes(429))
  t.notOk((await statuses(40, '/v1/nothing')).includes(429))
  const other = await start(t, { LOGIN_LIMIT_PER_MINUTE: '0', RATE_LIMIT_PER_MINUTE: '1' })
  t.notOk((await other.statuses(40, '/v1/auth/login', { method: 'POST' })).includes(429))
})

t.test('X-Forwarded-For counts for nobody', async t => {
  const { statuses, call, tokenOf, upstream } = await start(t, { LOGIN_LIMIT_PER_MINUTE: '2' })
  t.same((await Promise.all([1, 2, 3].map(async n => await statuses(1, '/v1/auth/login', { method: 'POST', headers: { 'x-forwarded-for': `192.0.2.${n}` } })))).flat().sort(), [200, 200, 429])
  await call('GET', '/v1/events', { token: tokenOf('kim'), headers: { 'x-forwarded-for': '192.0.2.9' } })
  t.equal(upstream.arrivals.at(-1)?.headers['x-forwarded-for'], '127.0.0.1')
})

t.test('X-Forwarded-For counts from TRUST_PROXY: the last address that no trusted one has written', async t => {
  const { statuses, call, tokenOf, upstream } = await start(t, { LOGIN_LIMIT_PER_MINUTE: '1', TRUST_PROXY: '10.0.0.0/8, 127.0.0.1' })
  const from = async (address: string) => await statuses(1, '/v1/auth/login', { method: 'POST', headers: { 'x-forwarded-for': address } })
  t.same(await from('192.0.2.1'), [200])
  t.same(await from('203.0.113.5, 192.0.2.1, 10.1.2.3'), [429], 'what a client has written before it does not count')
  t.same(await from('192.0.2.2'), [200])
  t.same(await from('2001:db8::1'), [200])
  t.same(await from('2001:db8::2'), [429], 'IPv6 counts by networks, of which everybody has one')
  await call('GET', '/v1/events', { token: tokenOf('kim'), headers: { 'x-forwarded-for': '192.0.2.9' } })
  t.equal(upstream.arrivals.at(-1)?.headers['x-forwarded-for'], '192.0.2.9')
})

t.test('with REDIS_URL several gateways count together', async t => {
  const redis = await startRedisStandIn(t)
  const env = { RATE_LIMIT_PER_MINUTE: '3', LOGIN_LIMIT_PER_MINUTE: '2', REDIS_URL: redis.url }
  const [one, two] = [await start(t, env), await start(t, env)]
  for (const { call } of [one, two]) await eventually(async () => (await call('GET', '/health/ready')).body.checks.redis === 'ok')
  t.match(await one.call('GET', '/health/ready'), { status: 200, body: { status: 'ok', checks: { redis: 'ok', 'auth-service': 'ok' } } })
  t.match(await one.metric('laurel_redis_up'), 'laurel_redis_up 1')
  t.same([...await one.statuses(1, '/v1/auth/login', { method: 'POST' }), ...await two.statuses(2, '/v1/auth/login', { method: 'POST' })], [200, 200, 429])
  const token = one.tokenOf('kim')
  const again = two.issuer.token({ sub: 'kim', role: 'USER' })
  t.same([...await one.statuses(2, '/v1/events', { token }), ...await two.statuses(2, '/v1/events', { token: again })], [200, 200, 200, 429])
  t.same([...redis.counts.keys()].map(key => key.replace(/:[^:]*$/, '')), ['laurel:sign-in', 'laurel:user'], 'each kind by itself')

  t.test('Redis is gone: the gateway goes on with limits of its own, says so, and comes back', async t => {
    await redis.stop()
    await eventually(async () => (await one.call('GET', '/health/ready')).body.checks.redis === 'down')
    t.match(await one.call('GET', '/health/ready'), { status: 200, body: { status: 'ok', checks: { redis: 'down' } } })
    t.match(await one.metric('laurel_redis_up'), 'laurel_redis_up 0')
    t.same(await one.statuses(4, '/v1/events', { token }), [200, 200, 200, 429])
    const back = await startRedisStandIn(t, redis.port)
    await eventually(async () => (await one.call('GET', '/health/ready')).body.checks.redis === 'ok')
    t.same(await one.statuses(1, '/v1/events', { token }), [200])
    t.equal(back.counts.size, 1)

    t.test('Redis hangs: requests wait for it once a second and no longer than a moment', async t => {
      back.silent = true
      t.same(await one.statuses(3, '/v1/events', { token: one.tokenOf('lee') }), [200, 200, 200])
      await eventually(async () => (await one.call('GET', '/health/ready')).body.checks.redis === 'down')
    })
  })
})

t.test('a gateway starts without Redis', async t => {
  const { statuses, tokenOf } = await start(t, { RATE_LIMIT_PER_MINUTE: '2', REDIS_URL: 'redis://127.0.0.1:1' })
  t.same(await statuses(3, '/v1/events', { token: tokenOf('kim') }), [200, 200, 429])
})
