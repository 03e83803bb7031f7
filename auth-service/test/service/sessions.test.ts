import t from 'tap'
import type { Session } from '../../../test/kit/servers/auth.ts'
import { auth } from './shared.ts'

async function list (token: string, query = '') {
  return await auth.call('GET', `/v1/users/me/sessions${query}`, { token })
}

async function status (token?: string) {
  return await auth.call('GET', '/v1/auth/status', token === undefined ? {} : { token })
}

async function refresh ({ refreshToken }: Session) {
  return await auth.call('POST', '/v1/auth/refresh', { body: { refreshToken } })
}

t.test('204: logout ends only this session, and can be repeated', async t => {
  const one = await auth.signIn('USER')
  const two = await auth.login(one.user.email)
  const logout = async (options: object) => await auth.call('POST', '/v1/auth/logout', options)
  for (const body of [undefined, {}, undefined]) {
    const { status, headers, body: answer } = await logout({ token: one.token, body })
    t.same([status, headers.get('cache-control'), answer], [204, 'no-store', ''])
  }
  t.equal((await refresh(one)).status, 401)
  t.equal((await refresh(two)).status, 200)
  const headers = { 'content-type': 'application/json' }
  t.match(await logout({ token: two.token, headers }), { status: 204 }, 'an empty body counts as no body')
  t.equal((await logout({ token: two.token, body: { all: true } })).status, 400)
})

t.test('204: a logout ends only a session of the user of the token', async t => {
  const one = await auth.signIn('USER')
  await auth.sessions.updateOne({ _id: one.claims['sid'] }, { $set: { userId: 'somebody-else' } })
  t.equal((await auth.call('POST', '/v1/auth/logout', { token: one.token })).status, 204)
  t.match(await auth.sessions.findOne({ _id: one.claims['sid'] }), { endedAt: undefined })
})

t.test('200: the status of an active session shows the user and when the token expires', async t => {
  const { user, token, claims } = await auth.signIn('AUDITOR')
  const { status: code, headers, body } = await status(token)
  t.equal(code, 200)
  t.equal(headers.get('cache-control'), 'no-store')
  const expiresAt = new Date(claims['exp'] * 1000).toISOString()
  t.strictSame(body, { authenticated: true, user, expiresAt })
})

t.test('200: the status without a token, with an invalid token and after the end of the session', async t => {
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
  const basic = await auth.call('GET', '/v1/auth/status', { headers: { authorization: 'Basic eDp5' } })
  t.strictSame(basic.body, { authenticated: false })
})

t.test('200: a machine client has a status without a user', async t => {
  const { token } = await auth.signIn('ADMIN')
  const created = await auth.call('POST', '/v1/clients', { token, body: { name: 'Game' } })
  const { clientId, clientSecret } = created.body
  const issued = await auth.call('POST', '/v1/auth/token', { body: { clientId, clientSecret } })
  const { accessToken } = issued.body
  t.match((await status(accessToken)).body, { authenticated: true, user: undefined, expiresAt: String })
  await auth.call('DELETE', `/v1/clients/${clientId}`, { token })
  t.strictSame((await status(accessToken)).body, { authenticated: false })
})

t.test('200: a user lists the active sessions, newest first, with the current one marked', async t => {
  const first = await auth.signIn('USER')
  const second = await auth.login(first.user.email)
  await auth.signIn('USER')
  const ended = await auth.login(first.user.email)
  const idle = await auth.login(first.user.email)
  const expired = await auth.login(first.user.email)
  await auth.call('POST', '/v1/auth/logout', { token: ended.token })
  const longAgo = new Date(Date.now() - 1_209_601_000)
  await auth.sessions.updateOne({ _id: idle.claims['sid'] }, { $set: { usedAt: longAgo } })
  await auth.sessions.updateOne({ _id: expired.claims['sid'] }, { $set: { expiresAt: new Date() } })

  const { status, body } = await list(first.token)
  t.equal(status, 200)
  const listed = body.data.map(({ id, current }: { id: string, current: boolean }) => [id, current])
  t.same(listed, [[second.claims['sid'], false], [first.claims['sid'], true]])
  t.equal(body.nextCursor, null)
  const [{ id, createdAt, lastUsedAt, expiresAt, current, ...others }] = body.data
  t.strictSame(others, {})
  t.equal(lastUsedAt, createdAt)
  const lifetime = Date.parse(expiresAt) - Date.parse(createdAt)
  t.equal(lifetime, 1_209_600_000, 'REFRESH_IDLE_TTL, unless it is refreshed')

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
  const foreign = await list(other.token, `?limit=2&order=asc&cursor=${first.body.nextCursor}`)
  t.equal(foreign.status, 400, 'a cursor belongs to one list')
})

t.test('204: users can end only their own sessions', async t => {
  const one = await auth.signIn('USER')
  const two = await auth.login(one.user.email)
  const stranger = await auth.signIn('ADMIN')
  const notFound = { status: 404, body: { code: 'SESSION_NOT_FOUND' } }
  const end = async (sessionId: string, token = one.token) =>
    await auth.call('DELETE', `/v1/users/me/sessions/${sessionId}`, { token })
  t.match(await end(two.claims['sid'], stranger.token), notFound)
  t.equal((await refresh(two)).status, 200)
  t.match(await end(two.claims['sid']), { status: 204, body: '' })
  for (const id of [two.claims['sid'], 'nobody', 'a'.repeat(129), 'no.id']) t.match(await end(id), notFound, id)
  t.equal((await end(one.claims['sid'])).status, 204, 'also the current one')
  t.equal((await refresh(one)).status, 401)
})

t.test('the feed of ended sessions lists ids and times, optionally starting at an instant', async t => {
  const before = new Date().toISOString()
  const { token, claims, user } = await auth.signIn('USER')
  const live = await auth.login(user.email)
  await auth.call('POST', '/v1/auth/logout', { token })
  const { status, body } = await auth.call('GET', `/internal/revocations?since=${before}`)
  t.equal(status, 200)
  t.match(body, { asOf: String })
  const endedAt = (await auth.sessions.findOne({ _id: claims['sid'] }))?.['endedAt']
  const entry = body.revocations.find(({ sessionId }: { sessionId: string }) => sessionId === claims['sid'])
  t.strictSame(entry, { sessionId: claims['sid'], at: endedAt.toISOString() })
  t.notMatch(JSON.stringify(body), live.claims['sid'])
  const later = new Date(Date.now() + 60_000).toISOString()
  t.strictSame((await auth.call('GET', `/internal/revocations?since=${later}`)).body.revocations, [])
  t.equal((await auth.call('GET', '/internal/revocations?since=yesterday')).status, 400)

  const feedAfter = async (age: number): Promise<string> => {
    const endedAt = new Date(Date.now() - age)
    await auth.sessions.updateOne({ _id: claims['sid'] }, { $set: { endedAt } })
    return JSON.stringify((await auth.call('GET', '/internal/revocations')).body)
  }
  t.notMatch(await feedAfter(961_000), claims['sid'], 'its last access token expired a minute ago')
  t.match(await feedAfter(950_000), claims['sid'])
})

t.test('a session is kept while its last access token may be valid', async t => {
  const { claims } = await auth.signIn('USER')
  const session = await auth.sessions.findOne({ _id: claims['sid'] })
  t.equal(session?.['keptUntil'] - session?.['expiresAt'], 960_000)
})

t.test('a user has at most 50 active sessions, and the next login ends the oldest one', async t => {
  const { user, token } = await auth.signIn('USER')
  const sids: string[] = []
  const start = Date.now() - 1_000_000
  // Sessions of earlier logins. The first two are no longer active.
  await auth.sessions.insertMany(Array.from({ length: 52 }, (_, index) => {
    const at = new Date(start + index * 1000)
    const _id = `${user.id.slice(0, 20)}${String(index).padStart(4, '0')}`
    if (index > 1) sids.push(_id)
    const expiresAt = index === 0 ? at : new Date(Date.now() + 1_000_000)
    const usedAt = index === 1 ? new Date(0) : at
    return { _id, userId: user.id, generation: 0, createdAt: at, usedAt, expiresAt, keptUntil: expiresAt }
  }))
  const latest = await auth.login(user.email)
  const live = (await list(token, '?limit=100')).body.data.map(({ id }: { id: string }) => id)
  t.equal(live.length, 50)
  t.equal(live[0], latest.claims['sid'])
  t.notOk(live.includes(sids[0]) || live.includes(sids[1]), 'the two oldest ones have ended')
  t.ok(live.includes(sids[2]))
  const { body } = await auth.call('GET', '/internal/revocations')
  t.match(JSON.stringify(body), sids[0], 'the gateway receives the ended session')
})

t.test('a user has at most 50 active sessions after many concurrent logins', async t => {
  const { user } = await auth.signIn('USER')
  const start = Date.now() - 1_000_000
  const expiresAt = new Date(Date.now() + 1_000_000)
  await auth.sessions.insertMany(Array.from({ length: 47 }, (_, index) => {
    const at = new Date(start + index * 1000)
    const _id = `${user.id.slice(0, 20)}${String(index).padStart(4, '0')}`
    return { _id, userId: user.id, generation: 0, createdAt: at, usedAt: at, expiresAt, keptUntil: expiresAt }
  }))
  await Promise.all(Array.from({ length: 10 }, async () => await auth.login(user.email)))
  t.equal(await auth.sessions.countDocuments({ userId: user.id, endedAt: { $exists: false } }), 50)
})
