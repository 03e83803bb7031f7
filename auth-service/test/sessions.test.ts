import t from 'tap'
import { startAuth, type Session } from '../../test/kit/auth.ts'

const auth = await startAuth(t)

async function list (token: string, query = '') {
  return await auth.call('GET', `/v1/users/me/sessions${query}`, { token })
}

async function status (token?: string) {
  return await auth.call('GET', '/v1/auth/status', token === undefined ? {} : { token })
}

async function refresh ({ refreshToken }: Session) {
  return await auth.call('POST', '/v1/auth/refresh', { body: { refreshToken } })
}

t.test('204: logout ends this session and no other, and may be repeated', async t => {
  const one = await auth.signIn('USER')
  const two = await auth.login(one.user.email)
  for (const body of [undefined, {}, undefined]) t.match(await auth.call('POST', '/v1/auth/logout', { token: one.token, body }), { status: 204, body: '' })
  t.equal((await refresh(one)).status, 401)
  t.equal((await refresh(two)).status, 200)
  t.match(await auth.call('POST', '/v1/auth/logout', { token: two.token, headers: { 'content-type': 'application/json' } }), { status: 204 }, 'an empty body is none')
  t.equal((await auth.call('POST', '/v1/auth/logout', { token: two.token, body: { all: true } })).status, 400)
})

t.test('204: a token ends only a session of its own user', async t => {
  const one = await auth.signIn('USER')
  await auth.sessions.updateOne({ _id: one.claims['sid'] }, { $set: { userId: 'somebody-else' } })
  t.equal((await auth.call('POST', '/v1/auth/logout', { token: one.token })).status, 204)
  t.match(await auth.sessions.findOne({ _id: one.claims['sid'] }), { endedAt: undefined })
})

t.test('200: the status of a living session tells who and until when', async t => {
  const { user, token, claims } = await auth.signIn('AUDITOR')
  const { status: code, headers, body } = await status(token)
  t.equal(code, 200)
  t.equal(headers.get('cache-control'), 'no-store')
  t.strictSame(body, { authenticated: true, user, expiresAt: new Date(claims['exp'] * 1000).toISOString() })
})

t.test('200: without a token, with a bad one, and after its session has ended the status is not 401', async t => {
  const ended = await auth.signIn('USER')
  await auth.call('POST', '/v1/auth/logout', { token: ended.token })
  const expired = await auth.signIn('USER')
  await auth.sessions.updateOne({ _id: expired.claims['sid'] }, { $set: { usedAt: new Date(0) } })
  const gone = await auth.signIn('USER')
  await auth.users.deleteOne({ _id: gone.user.id })
  for (const token of [undefined, 'a.b.c', 'garbage', `${ended.token}x`, ended.token, expired.token, gone.token]) {
    const { status: code, body } = await status(token)
    t.equal(code, 200)
    t.strictSame(body, { authenticated: false })
  }
  t.strictSame((await auth.call('GET', '/v1/auth/status', { headers: { authorization: 'Basic eDp5' } })).body, { authenticated: false })
})

t.test('200: a machine client has a status too, and no user', async t => {
  const { token } = await auth.signIn('ADMIN')
  const { body: { clientId, clientSecret } } = await auth.call('POST', '/v1/clients', { token, body: { name: 'Game' } })
  const { body: { accessToken } } = await auth.call('POST', '/v1/auth/token', { body: { clientId, clientSecret } })
  t.match((await status(accessToken)).body, { authenticated: true, user: undefined, expiresAt: String })
  await auth.call('DELETE', `/v1/clients/${clientId}`, { token })
  t.strictSame((await status(accessToken)).body, { authenticated: false })
})

t.test('200: my living sessions, newest first, with the one I am in', async t => {
  const first = await auth.signIn('USER')
  const second = await auth.login(first.user.email)
  await auth.signIn('USER')
  const [ended, idle, over] = [await auth.login(first.user.email), await auth.login(first.user.email), await auth.login(first.user.email)]
  await auth.call('POST', '/v1/auth/logout', { token: ended.token })
  await auth.sessions.updateOne({ _id: idle.claims['sid'] }, { $set: { usedAt: new Date(Date.now() - 1_209_601_000) } })
  await auth.sessions.updateOne({ _id: over.claims['sid'] }, { $set: { expiresAt: new Date() } })

  const { status, body } = await list(first.token)
  t.equal(status, 200)
  t.same(body.data.map(({ id, current }: { id: string, current: boolean }) => [id, current]), [[second.claims['sid'], false], [first.claims['sid'], true]])
  t.equal(body.nextCursor, null)
  const [{ id, createdAt, lastUsedAt, expiresAt, current, ...others }] = body.data
  t.strictSame(others, {})
  t.equal(lastUsedAt, createdAt)
  t.equal(Date.parse(expiresAt) - Date.parse(createdAt), 1_209_600_000, 'after REFRESH_IDLE_TTL unless it is refreshed')

  await refresh(second)
  const [refreshed] = (await list(first.token)).body.data
  t.ok(refreshed.lastUsedAt > createdAt)
  t.equal(refreshed.createdAt, createdAt)
})

t.test('200: the list is paged', async t => {
  const { token, user } = await auth.signIn('USER')
  for (let n = 0; n < 2; n++) await auth.login(user.email)
  const first = await list(token, '?limit=2&order=asc')
  const last = await list(token, `?limit=2&order=asc&cursor=${first.body.nextCursor}`)
  t.match([first.body.data.length, last.body], [2, { data: { length: 1 }, nextCursor: null }])
  const other = await auth.signIn('USER')
  t.equal((await list(other.token, `?limit=2&order=asc&cursor=${first.body.nextCursor}`)).status, 400, 'a cursor is of one list')
})

t.test('204: I can end one of my sessions, and nobody else\'s', async t => {
  const one = await auth.signIn('USER')
  const two = await auth.login(one.user.email)
  const stranger = await auth.signIn('ADMIN')
  const end = async (sessionId: string, token = one.token) => await auth.call('DELETE', `/v1/users/me/sessions/${sessionId}`, { token })
  t.match(await end(two.claims['sid'], stranger.token), { status: 404, body: { code: 'SESSION_NOT_FOUND' } })
  t.equal((await refresh(two)).status, 200)
  t.match(await end(two.claims['sid']), { status: 204, body: '' })
  for (const id of [two.claims['sid'], 'nobody', 'a'.repeat(129), 'no.id']) t.match(await end(id), { status: 404, body: { code: 'SESSION_NOT_FOUND' } }, id)
  t.equal((await end(one.claims['sid'])).status, 204, 'also the one I am in')
  t.equal((await refresh(one)).status, 401)
})

t.test('the feed of ended sessions tells bare ids with times, and those since an instant', async t => {
  const before = new Date().toISOString()
  const { token, claims, user } = await auth.signIn('USER')
  const living = await auth.login(user.email)
  await auth.call('POST', '/v1/auth/logout', { token })
  const { status, body } = await auth.call('GET', `/internal/revocations?since=${before}`)
  t.equal(status, 200)
  t.match(body, { asOf: String })
  t.strictSame(body.revocations.find(({ sessionId }: { sessionId: string }) => sessionId === claims['sid']), {
    sessionId: claims['sid'], at: (await auth.sessions.findOne({ _id: claims['sid'] }))?.['endedAt'].toISOString()
  })
  t.notMatch(JSON.stringify(body), living.claims['sid'])
  t.strictSame((await auth.call('GET', `/internal/revocations?since=${new Date(Date.now() + 60_000).toISOString()}`)).body.revocations, [])
  t.equal((await auth.call('GET', '/internal/revocations?since=yesterday')).status, 400)

  await auth.sessions.updateOne({ _id: claims['sid'] }, { $set: { endedAt: new Date(Date.now() - 961_000) } })
  t.notMatch(JSON.stringify((await auth.call('GET', '/internal/revocations')).body), claims['sid'], 'its last access token expired a minute ago')
  await auth.sessions.updateOne({ _id: claims['sid'] }, { $set: { endedAt: new Date(Date.now() - 950_000) } })
  t.match(JSON.stringify((await auth.call('GET', '/internal/revocations')).body), claims['sid'])
})

t.test('a session is kept for as long as its last access token may live', async t => {
  const { claims } = await auth.signIn('USER')
  const session = await auth.sessions.findOne({ _id: claims['sid'] })
  t.equal(session?.['keptUntil'] - session?.['expiresAt'], 960_000)
})
