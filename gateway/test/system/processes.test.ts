import t, { type Test } from 'tap'
import { freeAddresses } from '../../../test/kit/servers/addresses.ts'
import { startBuilt, type Child } from '../../../test/kit/servers/child.ts'
import { createCall } from '../../../test/kit/http/client.ts'
import { ownDatabase } from '../../../test/kit/mongo/database.ts'
import { activeEvent } from '../../../test/kit/servers/events.ts'

const names = ['auth-service', 'event-service', 'gateway'] as const

/** Starts the three servers as processes, as in production, with all log levels on. */
async function startAll (t: Test) {
  const { urls, env: addresses } = await freeAddresses()
  const env = {
    ...addresses,
    AUTH_MONGODB_URI: ownDatabase(t, 'auth').uri,
    EVENT_MONGODB_URI: ownDatabase(t, 'event').uri,
    DATA_DIR: t.testdir({}),
    ADMIN_PASSWORD: 'canary-admin-password',
    BCRYPT_COST: '4',
    LOG_LEVEL: 'trace'
  }
  const children = names.map(name => startBuilt(t, name, env))
  await children[2]?.answers(`${urls.gateway}/health/ready`)
  return { children, call: createCall(urls.gateway) }
}

async function shutDown (child: Child) {
  child.process.kill('SIGTERM')
  return await child.exited
}

t.test('three processes grant a reward, and their logs contain no password, token or body', async t => {
  const { children, call } = await startAll(t)
  const secrets: string[] = []
  async function login (email: string, password: string): Promise<string> {
    const { body } = await call('POST', '/v1/auth/login', { body: { email, password } })
    secrets.push(...body.accessToken.split('.').slice(1), body.accessToken, body.refreshToken)
    return body.accessToken
  }
  const register = async (email: string, password: string) =>
    await call('POST', '/v1/auth/register', { body: { email, password } })

  // A user claims a reward.
  const admin = await login('admin@example.com', 'canary-admin-password')
  await register('kim@example.com', 'canary-user-password')
  const user = await login('kim@example.com', 'canary-user-password')
  const condition = { aggregation: 'count', activity: 'user.login', target: 1 } as const
  const reward = { type: 'POINT', name: 'canary-reward', amount: 5, attributes: { code: 'canary-attribute' } }
  const eventId = await activeEvent(call, admin, condition, [reward], { description: 'canary-description' })
  const headers = { 'idempotency-key': 'canary-key' }
  const claim = await call('POST', `/v1/events/${eventId}/claims`, { token: user, headers })
  t.match(claim, { status: 201, body: { status: 'GRANTED' } })

  // Requests that fail.
  const wrong = { email: 'kim@example.com', password: 'canary-wrong-password' }
  t.match(await call('POST', '/v1/auth/login', { body: wrong }), { status: 401 })
  t.match(await register('kim@example.com', 'canary-taken-password'), { status: 409 })
  t.match(await register('canary-address', 'canary-short\0'), { status: 400 })
  const invalid = { name: 'canary-event', unknown: 'canary-unknown' }
  t.match(await call('POST', '/v1/events', { token: admin, body: invalid }), { status: 400 })
  t.match(await call('GET', '/v1/events', { token: 'canary.token.here' }), { status: 401 })
  const query = 'q=canary-search&cursor=canary-cursor'
  t.match(await call('GET', `/v1/events?${query}`, { token: admin }), { status: 400 })
  const extra = { cookie: 'canary-cookie', 'x-canary': 'canary-header' }
  t.match(await call('GET', '/v1/events/no-event', { token: admin, headers: extra }), { status: 404 })

  const id = (await call('GET', '/v1/users/me', { token: user })).headers.get('x-request-id')
  for (const child of children) t.same(await shutDown(child), { code: 0, signal: null })

  for (const [index, child] of children.entries()) {
    const name = names[index] ?? ''
    const lines = child.log()
    const requests = lines.filter(({ msg }) => msg === 'request')
    t.ok(requests.length >= 4, `${name} logs its requests`)
    t.same(lines.filter(line => line['name'] !== name), [], 'every line has the name of its server')
    t.notMatch(child.stdout() + child.stderr(), /canary|kim@example/, name)
    for (const secret of secrets) t.notOk(child.stdout().includes(secret), 'no token')
    t.equal(child.stderr(), '')
    const hasPassed = name !== 'event-service'
    t.equal(requests.some(({ requestId }) => requestId === id), hasPassed, 'each server logs the gateway\'s request id')
  }
})

t.test('a server that cannot start prints the reason in one line and exits with 1', async t => {
  const child = startBuilt(t, 'gateway', { PORT: 'canary', LOG_LEVEL: 'silent' })
  t.same(await child.exited, { code: 1, signal: null })
  t.match(child.stderr(), /^laurel gateway: Configuration: PORT [^\n]+\n$/)
  t.notMatch(child.stderr(), 'canary')
  t.equal(child.stdout(), '')
})
