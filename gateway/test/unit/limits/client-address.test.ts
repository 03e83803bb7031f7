import t from 'tap'
import { startLimitedGateway, type LimitedGateway } from '../../support/limited-gateway.ts'

/** Logs in once with these headers and returns the status. */
async function login ({ call }: LimitedGateway, headers: Record<string, string>): Promise<number> {
  return (await call('POST', '/v1/auth/login', { headers })).status
}

/** Returns the client address that a service receives for a request with these headers. */
async function addressFor ({ call, tokenOf, upstream }: LimitedGateway, headers: Record<string, string>) {
  await call('GET', '/v1/events', { token: tokenOf('kim'), headers })
  return upstream.arrivals.at(-1)?.headers['x-forwarded-for']
}

t.test('without TRUST_PROXY, X-Forwarded-For is ignored', async t => {
  const gateway = await startLimitedGateway(t, { LOGIN_LIMIT_PER_MINUTE: '2' })
  const statuses = [1, 2, 3].map(async n => await login(gateway, { 'x-forwarded-for': `192.0.2.${n}` }))
  t.same((await Promise.all(statuses)).sort(), [200, 200, 429])
  t.equal(await addressFor(gateway, { 'x-forwarded-for': '192.0.2.9' }), '127.0.0.1')
  t.equal(await addressFor(gateway, { forwarded: 'for=192.0.2.9' }), '127.0.0.1')
})

t.test('with TRUST_PROXY, a client has one address, regardless of the notation that its proxy uses', async t => {
  const env = { LOGIN_LIMIT_PER_MINUTE: '1', TRUST_PROXY: '10.0.0.0/8, 127.0.0.1' }
  const gateway = await startLimitedGateway(t, env)
  const statuses = async (...spellings: string[]) => {
    const seen: number[] = []
    for (const spelling of spellings) seen.push(await login(gateway, { 'x-forwarded-for': spelling }))
    return seen
  }
  const sameAddress = ['192.0.2.1', '192.0.2.1:50123', '::ffff:192.0.2.1', '[::ffff:c000:201]:1']
  t.same(await statuses(...sameAddress), [200, 429, 429, 429])
  t.same(await statuses('203.0.113.5, 192.0.2.1, 10.1.2.3:80'), [429], 'addresses from the client are ignored')
  t.equal(await login(gateway, { forwarded: 'for="192.0.2.1:4711";proto=https' }), 429)
  t.same(await statuses('192.0.2.2'), [200])
  const sameNetwork = ['2001:db8::1', '[2001:DB8::2]:443', '2001:0db8:0:0::3%eth0']
  t.same(await statuses(...sameNetwork), [200, 429, 429], 'IPv6 clients are counted by their /64 network')
  t.equal(await addressFor(gateway, { 'x-forwarded-for': '[2001:DB8::9]:443' }), '2001:db8::9')
})
