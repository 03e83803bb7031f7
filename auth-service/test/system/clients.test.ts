import t from 'tap'
import { createLaurel, refusalOf } from '../../../test/kit/http/laurel.ts'
import { eventually } from '../../../test/kit/run/eventually.ts'
import { startPlatform } from '../../../test/kit/servers/platform.ts'

const { urls, call, admin, signIn } = await startPlatform(t)
const { token } = admin
const created = await call('POST', '/v1/clients', { token, body: { name: 'Game server' } })
const { clientId, clientSecret } = created.body

t.test('201: the secret is shown once', async t => {
  t.equal(created.status, 201)
  t.match(created.body, { clientId: /^[a-f0-9]{24}$/, clientSecret: /^[\w-]{43}$/, name: 'Game server' })
})

t.test('200: a client gets a token with the role SERVICE, which can only report activities', async t => {
  const { status, body } = await call('POST', '/v1/auth/token', { body: { clientId, clientSecret } })
  t.equal(status, 200)
  t.match(body, { accessToken: String, tokenType: 'Bearer', expiresIn: 900 })
  t.notOk('refreshToken' in body)
  const token = body.accessToken
  const { user } = await signIn('USER')
  const activities = [
    { id: '1', userId: user.id, type: 'quest.cleared' },
    { id: '2', userId: user.id, type: 'user.visited' },
    { id: '3', userId: user.id, type: 'quest.cleared', occurredAt: '2020-01-01T00:00:00Z' }
  ]
  t.match((await call('POST', '/v1/activities', { token, body: { activities } })).body, {
    accepted: 1,
    duplicates: 0,
    rejected: [{ index: 1, code: 'RESERVED_TYPE' }, { index: 2, code: 'OCCURRED_TOO_LONG_AGO' }]
  })
  t.equal((await call('GET', '/v1/events', { token })).status, 403)
  t.equal((await call('GET', '/v1/users/me', { token })).status, 403)
})

t.test('401: the response is the same for a wrong secret and for an unknown client', async t => {
  const wrong = await call('POST', '/v1/auth/token', { body: { clientId, clientSecret: 'wrong' } })
  const unknown = await call('POST', '/v1/auth/token', { body: { clientId: 'nobody', clientSecret } })
  t.match(wrong, { status: 401, body: { code: 'INVALID_CREDENTIALS' } })
  t.same({ ...unknown.body, requestId: '' }, { ...wrong.body, requestId: '' })
})

t.test('200: the list shows every client and no secret', async t => {
  const { body } = await call('GET', '/v1/clients', { token })
  const { createdAt } = body.data[0]
  const client = { clientId, name: 'Game server', createdBy: admin.user.id, createdAt }
  t.strictSame(body, { data: [client], nextCursor: null })
  for (const name of ['Second', 'Third']) await call('POST', '/v1/clients', { token, body: { name } })
  const first = await call('GET', '/v1/clients?limit=2', { token })
  const last = await call('GET', `/v1/clients?limit=2&cursor=${first.body.nextCursor}`, { token })
  const names = [...first.body.data, ...last.body.data].map(({ name }) => name)
  t.same(names, ['Third', 'Second', 'Game server'])
})

t.test('204: a deleted client gets no token, is not listed, and the gateway rejects its tokens', async t => {
  const { body: { clientId, clientSecret } } = await call('POST', '/v1/clients', { token, body: { name: 'To delete' } })
  const issued = await call('POST', '/v1/auth/token', { body: { clientId, clientSecret } })
  const activities = [{ id: '1', userId: 'someone', type: 'quest.cleared' }]
  const report = async () =>
    await call('POST', '/v1/activities', { token: issued.body.accessToken, body: { activities } })
  t.equal((await report()).status, 200)
  t.match(await call('DELETE', `/v1/clients/${clientId}`, { token }), { status: 204, body: '' })
  t.match(await call('POST', '/v1/auth/token', { body: { clientId, clientSecret } }), {
    status: 401, body: { code: 'INVALID_CREDENTIALS' }
  })
  t.notMatch(JSON.stringify((await call('GET', '/v1/clients', { token })).body), clientId)
  t.match(await call('DELETE', `/v1/clients/${clientId}`, { token }), {
    status: 404, body: { code: 'CLIENT_NOT_FOUND' }
  })
  await eventually(async () => (await report()).status === 401)
})

t.test('a game puts its player through the gateway, starts a session and reports activities', async t => {
  const game = createLaurel(urls.gateway)
  await game.issueClientToken({ clientId, clientSecret })
  const userId = 'player-7'
  t.match(await game.putUser({ userId, name: 'Kim' }), { id: userId })
  const player = createLaurel(urls.gateway, (await game.startUserSession({ userId })).accessToken)
  t.match(await player.getMe(), { id: userId, email: null, clientId })
  t.match(await player.listEvents(), { data: Array })
  const activities = [{ id: 'a-1', userId, type: 'quest.cleared' }]
  t.match(await game.ingestActivities({ activities }), { accepted: 1 })
  const { data } = await admin.client.listActivities({ userId })
  t.same(data.map(({ type }) => type).sort(), ['quest.cleared', 'user.login', 'user.visited'])

  for (const { putUser, startUserSession } of [player, admin.client]) {
    t.equal((await refusalOf(putUser({ userId }))).code, 'FORBIDDEN')
    t.equal((await refusalOf(startUserSession({ userId }))).code, 'FORBIDDEN')
  }
  t.equal((await refusalOf(player.eraseUser({ userId }))).code, 'FORBIDDEN')
  await game.eraseUser({ userId })
  await eventually(async () => (await admin.client.listActivities({ userId })).data.length === 0)
  await eventually(async () => await player.listEvents().then(() => false, ({ code }) => code === 'UNAUTHENTICATED'))
  t.equal((await refusalOf(game.startUserSession({ userId }))).code, 'USER_NOT_FOUND')
})

t.test('200: a secret is rotated while the client requests tokens, and no request fails', async t => {
  const { body: client } = await call('POST', '/v1/clients', { token, body: { name: 'Rotating' } })
  let secret = client.clientSecret
  const rotation = { isDone: false }
  const statuses = new Set<number>()
  const inFlight = new Set<{ readonly clientSecret: string }>()
  const requestTokens = async (): Promise<void> => {
    while (!rotation.isDone) {
      const body = { clientId: client.clientId, clientSecret: secret }
      inFlight.add(body)
      statuses.add((await call('POST', '/v1/auth/token', { body })).status)
      inFlight.delete(body)
    }
  }
  const requesting = Promise.all([requestTokens(), requestTokens(), requestTokens()])
  for (let round = 0; round < 3; round++) {
    const body = { keepOldFor: 60 }
    const rotated = await call('POST', `/v1/clients/${client.clientId}/secret`, { token, body })
    secret = rotated.body.clientSecret
    // Only one old secret stays valid, so the requests that contain it have to end before the next rotation.
    await eventually(async () => [...inFlight].every(({ clientSecret }) => clientSecret === secret))
  }
  rotation.isDone = true
  await requesting
  t.same([...statuses], [200])
})
