import t from 'tap'
import { eventually } from '../../../../test/kit/run/eventually.ts'
import { freePort } from '../../../../test/kit/servers/ports.ts'
import { startRedisStandIn } from '../../../../test/kit/stand-ins/redis.ts'
import { startLimitedGateway } from '../../support/limited-gateway.ts'

type Gateway = Awaited<ReturnType<typeof startLimitedGateway>>

async function waitForRedis ({ call }: Gateway, state: 'ok' | 'down'): Promise<void> {
  await eventually(async () => (await call('GET', '/health/ready')).body.checks.redis === state)
}

t.test('with REDIS_URL, several gateways share their counts', async t => {
  // It is restarted on the same port, so the port must not be ephemeral.
  const redis = await startRedisStandIn(t, await freePort())
  const env = { RATE_LIMIT_PER_MINUTE: '3', LOGIN_LIMIT_PER_MINUTE: '2', REDIS_URL: redis.url }
  const [one, two] = [await startLimitedGateway(t, env), await startLimitedGateway(t, env)]
  for (const gateway of [one, two]) await waitForRedis(gateway, 'ok')
  const checks = { redis: 'ok', 'auth-service': 'ok' }
  t.match(await one.call('GET', '/health/ready'), { status: 200, body: { status: 'ok', checks } })
  t.match(await one.metric('laurel_redis_up'), 'laurel_redis_up 1')

  const login = async (gateway: Gateway, count: number) =>
    await gateway.statuses(count, '/v1/auth/login', { method: 'POST' })
  t.same([...await login(one, 1), ...await login(two, 2)], [200, 200, 429])
  const token = one.tokenOf('kim')
  const sameUser = two.tokenOf('kim')
  t.same([
    ...await one.statuses(2, '/v1/events', { token }),
    ...await two.statuses(2, '/v1/events', { token: sameUser })
  ], [200, 200, 200, 429])
  const names = [...redis.counts.keys()].map(key => key.replace(/:[^:]*$/, ''))
  t.same(names, ['laurel:sign-in', 'laurel:user'], 'each limit has its own keys')

  t.test('while Redis is unavailable, the gateway counts alone and reports it; it reconnects', async t => {
    await redis.stop()
    await waitForRedis(one, 'down')
    const answer = await one.call('GET', '/health/ready')
    t.match(answer, { status: 200, body: { status: 'ok', checks: { redis: 'down' } } })
    t.match(await one.metric('laurel_redis_up'), 'laurel_redis_up 0')
    t.same(await one.statuses(4, '/v1/events', { token }), [200, 200, 200, 429])
    const restarted = await startRedisStandIn(t, redis.port)
    await waitForRedis(one, 'ok')
    t.same(await one.statuses(1, '/v1/events', { token }), [200])
    t.equal(restarted.counts.size, 1)

    t.test('while Redis hangs, at most one request per second waits for it', async t => {
      restarted.silent = true
      t.same(await one.statuses(3, '/v1/events', { token: one.tokenOf('lee') }), [200, 200, 200])
      await waitForRedis(one, 'down')
    })
  })
})

t.test('a gateway starts and limits without Redis', async t => {
  const env = { RATE_LIMIT_PER_MINUTE: '2', REDIS_URL: 'redis://127.0.0.1:1' }
  const { statuses, tokenOf } = await startLimitedGateway(t, env)
  t.same(await statuses(3, '/v1/events', { token: tokenOf('kim') }), [200, 200, 429])
})
