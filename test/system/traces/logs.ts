import type { Test } from 'tap'
import type { Call } from '../../kit/http/client.ts'
import type { Child } from '../../kit/servers/child.ts'
import { activeEvent } from '../../kit/servers/events.ts'

export const serverNames = ['auth-service', 'event-service', 'gateway'] as const
export const adminPassword = 'canary-admin-password'

export interface Story {
  /** The tokens that were issued. */
  readonly secrets: readonly string[]
  /** The id of a request that only the gateway and auth-service received. */
  readonly requestId: string | null
}

/** A user claims a reward, and other requests fail. Everything that is sent contains "canary". */
export async function grantReward (t: Test, call: Call): Promise<Story> {
  const secrets: string[] = []
  async function login (email: string, password: string): Promise<string> {
    const { body } = await call('POST', '/v1/auth/login', { body: { email, password } })
    secrets.push(...body.accessToken.split('.').slice(1), body.accessToken, body.refreshToken)
    return body.accessToken
  }
  const register = async (email: string, password: string) =>
    await call('POST', '/v1/auth/register', { body: { email, password } })

  const admin = await login('admin@example.com', adminPassword)
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

  const requestId = (await call('GET', '/v1/users/me', { token: user })).headers.get('x-request-id')
  return { secrets, requestId }
}

/** Checks that the logs of the three servers contain their requests, but no password, token or body. */
export function checkLogs (t: Test, children: readonly Child[], story: Story): void {
  for (const [index, child] of children.entries()) {
    const name = serverNames[index] ?? ''
    const lines = child.log()
    const requests = lines.filter(({ msg }) => msg === 'request')
    t.ok(requests.length >= 4, `${name} logs its requests`)
    t.same(lines.filter(line => line['name'] !== name), [], 'every line has the name of its server')
    t.notMatch(child.stdout() + child.stderr(), /canary|kim@example/, name)
    for (const secret of story.secrets) t.notOk(child.stdout().includes(secret), 'no token')
    t.equal(child.stderr(), '')
    const isLogged = requests.some(({ requestId }) => requestId === story.requestId)
    t.equal(isLogged, name !== 'event-service', 'each server logs the gateway\'s request id')
  }
}
