import t, { type Test } from 'tap'
import { startBuilt, type Child } from '../../test/kit/child.ts'
import { createCall } from '../../test/kit/client.ts'
import { ownDatabase } from '../../test/kit/database.ts'
import { activeEvent } from '../../test/kit/events.ts'
import { freePort } from '../../test/kit/ports.ts'

const names = ['auth-service', 'event-service', 'gateway'] as const

/** The three servers as processes of their own, as they run in production, talkative. */
async function startAll (t: Test) {
  const [auth, event, port] = [await freePort(), await freePort(), await freePort()]
  const env = {
    AUTH_PORT: String(auth),
    EVENT_PORT: String(event),
    PORT: String(port),
    METRICS_PORT: '0',
    AUTH_URL: `http://127.0.0.1:${auth}`,
    EVENT_URL: `http://127.0.0.1:${event}`,
    AUTH_MONGODB_URI: ownDatabase(t, 'auth').uri,
    EVENT_MONGODB_URI: ownDatabase(t, 'event').uri,
    DATA_DIR: t.testdir({}),
    ADMIN_PASSWORD: 'canary-admin-password',
    BCRYPT_COST: '4',
    LOG_LEVEL: 'trace'
  }
  const children = names.map(name => startBuilt(t, name, env))
  await children[2]?.answers(`http://127.0.0.1:${port}/health/ready`)
  return { children, call: createCall(`http://127.0.0.1:${port}`) }
}

async function end (child: Child) {
  child.process.kill('SIGTERM')
  return await child.exited
}

t.test('the three processes do the main job, and no password, token or body is in any line that they write', async t => {
  const { children, call } = await startAll(t)
  const secrets: string[] = []
  const signIn = async (email: string, password: string) => {
    const { body } = await call('POST', '/v1/auth/login', { body: { email, password } })
    secrets.push(body.accessToken, body.accessToken.split('.')[1], body.accessToken.split('.')[2], body.refreshToken)
    return body.accessToken as string
  }
  const admin = await signIn('admin@example.com', 'canary-admin-password')
  await call('POST', '/v1/auth/register', { body: { email: 'kim@example.com', password: 'canary-user-password', name: 'canary-name' } })
  const user = await signIn('kim@example.com', 'canary-user-password')
  const eventId = await activeEvent(call, admin, { aggregation: 'count', activity: 'user.login', target: 1 }, [{ type: 'POINT', name: 'canary-reward', amount: 5, attributes: { code: 'canary-attribute' } }], { description: 'canary-description' })
  t.match(await call('POST', `/v1/events/${eventId}/claims`, { token: user, headers: { 'idempotency-key': 'canary-key' } }), { status: 201, body: { status: 'GRANTED' } })

  t.match(await call('POST', '/v1/auth/login', { body: { email: 'kim@example.com', password: 'canary-wrong-password' } }), { status: 401 })
  t.match(await call('POST', '/v1/auth/register', { body: { email: 'kim@example.com', password: 'canary-taken-password' } }), { status: 409 })
  t.match(await call('POST', '/v1/auth/register', { body: { email: 'canary-address', password: 'canary-short\0' } }), { status: 400 })
  t.match(await call('POST', '/v1/events', { token: admin, body: { name: 'canary-event', unknown: 'canary-unknown' } }), { status: 400 })
  t.match(await call('GET', '/v1/events', { token: 'canary.token.here' }), { status: 401 })
  t.match(await call('GET', '/v1/events?q=canary-search&cursor=canary-cursor', { token: admin }), { status: 400 })
  t.match(await call('GET', '/v1/events/canary-id', { token: admin, headers: { cookie: 'canary-cookie', 'x-canary': 'canary-header' } }), { status: 404 })

  const id = (await call('GET', '/v1/users/me', { token: user })).headers.get('x-request-id')
  for (const child of children) t.same(await end(child), { code: 0, signal: null })

  for (const [index, child] of children.entries()) {
    const lines = child.log()
    const name = names[index] ?? ''
    t.ok(lines.filter(({ msg }) => msg === 'request').length >= 4, `${name} has logged its requests`)
    t.same(lines.filter(line => line['name'] !== name), [], 'every line carries its name')
    t.notMatch(child.stdout() + child.stderr(), /canary|kim@example/, name)
    for (const secret of secrets) t.notOk(child.stdout().includes(secret), 'no token')
    t.equal(child.stderr(), '')
    t.equal(lines.some(({ requestId, msg }) => requestId === id && msg === 'request'), name !== 'event-service', 'the gateway\'s request id is in the log of every server that the request has passed')
  }
})

t.test('a server that cannot start says why in one line and exits with 1', async t => {
  const child = startBuilt(t, 'gateway', { PORT: 'canary', LOG_LEVEL: 'silent' })
  t.same(await child.exited, { code: 1, signal: null })
  t.equal(child.stderr(), 'laurel gateway: Configuration: PORT must be integer\n')
  t.equal(child.stdout(), '')
})
