import t from 'tap'
import { startLimitedGateway } from '../../support/limited-gateway.ts'

t.test('without TRUST_PROXY nobody\'s X-Forwarded-For counts', async t => {
  const { statuses, call, tokenOf, upstream } = await startLimitedGateway(t, { LOGIN_LIMIT_PER_MINUTE: '2' })
  const seen = [1, 2, 3].map(async n => {
    const headers = { 'x-forwarded-for': `192.0.2.${n}` }
    return await statuses(1, '/v1/auth/login', { method: 'POST', headers })
  })
  t.same((await Promise.all(seen)).flat().sort(), [200, 200, 429])
  await call('GET', '/v1/events', { token: tokenOf('kim'), headers: { 'x-forwarded-for': '192.0.2.9' } })
  t.equal(upstream.arrivals.at(-1)?.headers['x-forwarded-for'], '127.0.0.1')
})

t.test('the client address is the last one in X-Forwarded-For that no proxy of TRUST_PROXY has', async t => {
  const env = { LOGIN_LIMIT_PER_MINUTE: '1', TRUST_PROXY: '10.0.0.0/8, 127.0.0.1' }
  const { statuses, call, tokenOf, upstream } = await startLimitedGateway(t, env)
  const from = async (address: string) =>
    await statuses(1, '/v1/auth/login', { method: 'POST', headers: { 'x-forwarded-for': address } })
  t.same(await from('192.0.2.1'), [200])
  t.same(await from('203.0.113.5, 192.0.2.1, 10.1.2.3'), [429], 'what a client adds in front does not count')
  t.same(await from('192.0.2.2'), [200])
  t.same(await from('2001:db8::1'), [200])
  t.same(await from('2001:db8::2'), [429], 'IPv6 counts by networks of 64 bits')
  await call('GET', '/v1/events', { token: tokenOf('kim'), headers: { 'x-forwarded-for': '192.0.2.9' } })
  t.equal(upstream.arrivals.at(-1)?.headers['x-forwarded-for'], '192.0.2.9')
})
