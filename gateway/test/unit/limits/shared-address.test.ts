import t from 'tap'
import { createIssuer } from '../../../../test/kit/tokens/issuer.ts'
import { createTokenMemory } from '../../../src/limits/token-memory.ts'
import { startLimitedGateway } from '../../support/limited-gateway.ts'

// All requests of a test come from one address. Without a valid token, the limit of an address is 20 times the limit of
// a user.
const env = { RATE_LIMIT_PER_MINUTE: '2' }
const perAddress = 40

t.test('200 for valid tokens behind the address of a flood, whether they were used before or not', async t => {
  const { statuses, tokenOf, upstream, metric } = await startLimitedGateway(t, env)
  t.same(await statuses(1, '/v1/events', { token: tokenOf('kim') }), [200])
  t.same([...new Set(await statuses(perAddress, '/v1/nothing'))], [404])
  t.same(await statuses(1, '/v1/nothing'), [429])
  t.same(await statuses(2, '/v1/events', { token: tokenOf('kim') }), [200, 429], 'until the limit of the user')
  t.same(await statuses(3, '/v1/events', { token: tokenOf('lee') }), [200, 200, 429], 'a new user')
  t.equal(upstream.arrivals.length, 4)
  t.match(await metric('laurel_limit_hits_total'), 'limit="user"} 2')
})

t.test('429 behind the address of a flood: no token, a public operation, an invalid token after one 401', async t => {
  const { statuses } = await startLimitedGateway(t, env)
  await statuses(perAddress, '/v1/nothing')
  t.same(await statuses(2, '/v1/events'), [429, 429])
  t.same(await statuses(1, '/v1/auth/status', { token: 'a.b.c' }), [429])
  t.same(await statuses(3, '/v1/events', { token: 'a.b.c' }), [401, 429, 429])
})

t.test('429 for most of a flood of different forged tokens; known users are not affected', async t => {
  const { statuses, tokenOf } = await startLimitedGateway(t, { RATE_LIMIT_PER_MINUTE: '10' })
  const known = tokenOf('kim')
  t.same(await statuses(1, '/v1/events', { token: known }), [200])
  const forger = createIssuer()
  const forged = Array.from({ length: 500 }, (_, n) => `${forger.header['kid']}.${n}.x`)
  const startedAt = performance.now()
  const seen: number[] = []
  for (const token of forged) seen.push(...await statuses(1, '/v1/events', { token }))
  const seconds = (performance.now() - startedAt) / 1000
  const verified = seen.filter(status => status === 401).length
  const limit = 10 * 20
  t.ok(verified <= limit + 50 + Math.ceil(50 * seconds), `${verified} of 500 were verified in ${seconds.toFixed(1)} s`)
  t.ok(seen.every(status => status === 401 || status === 429))
  t.same(await statuses(1, '/v1/events', { token: known }), [200])
})

t.test('unknown tokens share 50 verifications per second; valid ones are not counted', async t => {
  let now = 0
  const memory = createTokenMemory(() => now)
  const verified = (count: number) =>
    Array.from({ length: count }, (_, n) => memory.mayVerify(`Bearer ${now}.${n}`)).filter(Boolean).length
  t.equal(verified(80), 50)
  now = 100
  t.equal(verified(80), 5)
  now = 60_000
  t.equal(verified(80), 50, 'unused verifications do not add up')
  memory.rememberValid('Bearer valid')
  t.ok(memory.mayVerify('Bearer valid'))
  t.notOk(memory.mayVerify(undefined))
  now = 61_000
  memory.rememberInvalid('Bearer invalid')
  t.notOk(memory.mayVerify('Bearer invalid'))
})
