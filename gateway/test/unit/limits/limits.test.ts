import t from 'tap'
import { badAuthorizations } from '../../../../test/kit/tokens/bad-tokens.ts'
import { eventually } from '../../../../test/kit/run/eventually.ts'
import { startLimitedGateway } from '../../support/limited-gateway.ts'

t.test('429 for a user over the limit, with Retry-After; other users are not affected', async t => {
  const { call, statuses, tokenOf, upstream, metric } = await startLimitedGateway(t, { RATE_LIMIT_PER_MINUTE: '3' })
  const token = tokenOf('kim')
  const first = await call('GET', '/v1/events', { token })
  t.same([first.headers.get('ratelimit-limit'), first.headers.get('ratelimit-remaining')], ['3', '2'])
  t.match(first.headers.get('ratelimit-reset'), /^\d+$/)
  t.same(await statuses(3, '/v1/users/me', { token }), [200, 200, 429])

  const refused = await call('GET', '/v1/events', { token })
  t.match(refused, {
    status: 429,
    body: {
      title: 'Too many requests',
      status: 429,
      code: 'RATE_LIMITED',
      detail: 'Too many requests; the limit is 3 per minute.'
    }
  })
  t.match(refused.headers.get('content-type'), 'application/problem+json')
  t.match(refused.headers.get('retry-after'), /^([1-9]|[1-5]\d|60)$/)
  t.equal(refused.headers.get('ratelimit-remaining'), '0')
  t.equal(upstream.arrivals.length, 3)
  t.same(await statuses(3, '/v1/events', { token: tokenOf('lee') }), [200, 200, 200])
  t.match(await metric('laurel_limit_hits_total'), 'laurel_limit_hits_total{limit="user"} 2')
})

t.test('429 before the token is verified: an address is limited for requests without a valid token', async t => {
  const gateway = await startLimitedGateway(t, { RATE_LIMIT_PER_MINUTE: '1' })
  const { call, issuer, statuses, upstream, metric } = gateway
  const bad = badAuthorizations(issuer).map(([, authorization]) => authorization).slice(0, 10)
  for (const authorization of bad) {
    t.equal((await call('GET', '/v1/events', { headers: { authorization } })).status, 401)
  }
  const rest = 20 - bad.length
  t.same(await statuses(rest, '/v1/nothing'), Array.from({ length: rest }, () => 404))
  const refused = await call('GET', '/v1/events', { headers: { authorization: String(bad[0]) } })
  t.match(refused, { status: 429, body: { code: 'RATE_LIMITED' } })
  t.same(await statuses(2, '/.well-known/jwks.json'), [429, 429])
  t.same(await statuses(2, '/health/live'), [200, 200], 'a monitor is not rejected')
  t.same(upstream.arrivals, [])
  t.match(await metric('laurel_limit_hits_total'), 'limit="address"} 3')
})

t.test('200 for any number of users behind one address: only the user of a valid token is limited', async t => {
  const { call, tokenOf } = await startLimitedGateway(t, { RATE_LIMIT_PER_MINUTE: '1' })
  for (let n = 0; n < 30; n++) {
    t.equal((await call('GET', '/v1/events', { token: tokenOf(`user-${n}`) })).status, 200)
  }
})

t.test('a request counts toward the limit of its user even if the role is not allowed', async t => {
  const { statuses, tokenOf } = await startLimitedGateway(t, { RATE_LIMIT_PER_MINUTE: '3' })
  t.same(await statuses(4, '/v1/claims', { token: tokenOf('kim') }), [403, 403, 403, 429])
  t.same(await statuses(1, '/v1/events', { token: tokenOf('kim') }), [429])
})

t.test('a request whose session has ended counts toward the limit of its address', async t => {
  const { call, statuses, upstream, issuer } = await startLimitedGateway(t, { RATE_LIMIT_PER_MINUTE: '3' })
  const token = issuer.token({ sub: 'lee', role: 'USER', sid: 'ended' })
  upstream.revoked = ['ended']
  await eventually(async () => (await call('GET', '/v1/events', { token })).status === 401)
  t.ok((await statuses(60, '/v1/events', { token })).every(status => status === 401 || status === 429))
  t.same(await statuses(1, '/v1/events', { token }), [429])
})

t.test('registrations have a separate limit, five times the limit of sign-ins', async t => {
  const { statuses } = await startLimitedGateway(t, { LOGIN_LIMIT_PER_MINUTE: '1' })
  t.same(await statuses(6, '/v1/auth/register', { method: 'POST' }), [200, 200, 200, 200, 200, 429])
  t.same(await statuses(2, '/v1/auth/login', { method: 'POST' }), [200, 429])
})

t.test('logins of users and machine clients share one limit, separate from all others', async t => {
  const env = { LOGIN_LIMIT_PER_MINUTE: '3', RATE_LIMIT_PER_MINUTE: '1' }
  const { statuses, tokenOf, metric } = await startLimitedGateway(t, env)
  t.same(await statuses(2, '/v1/auth/login', { method: 'POST' }), [200, 200])
  t.same(await statuses(2, '/v1/auth/token', { method: 'POST' }), [200, 429])
  t.same(await statuses(1, '/v1/auth/login', { method: 'POST' }), [429])
  t.same(await statuses(1, '/v1/auth/register', { method: 'POST' }), [200])
  t.same(await statuses(1, '/v1/events', { token: tokenOf('kim') }), [200])
  t.match(await metric('laurel_limit_hits_total'), 'limit="sign-in"} 2')
})

t.test('0 turns a limit off', async t => {
  const env = { LOGIN_LIMIT_PER_MINUTE: '2', RATE_LIMIT_PER_MINUTE: '0' }
  const { statuses, tokenOf } = await startLimitedGateway(t, env)
  t.same(await statuses(3, '/v1/auth/login', { method: 'POST' }), [200, 200, 429])
  t.notOk((await statuses(40, '/v1/events', { token: tokenOf('kim') })).includes(429))
  t.notOk((await statuses(40, '/v1/nothing')).includes(429))
  const other = await startLimitedGateway(t, { LOGIN_LIMIT_PER_MINUTE: '0', RATE_LIMIT_PER_MINUTE: '1' })
  t.notOk((await other.statuses(40, '/v1/auth/login', { method: 'POST' })).includes(429))
})
