import t from 'tap'
import { eventually } from '../../test/kit/eventually.ts'
import { startPlatform } from '../../test/kit/platform.ts'

t.test('machine clients', async t => {
  const { call, admin, signIn } = await startPlatform(t)
  const { status, body: client } = await call('POST', '/v1/clients', { token: admin.token, body: { name: 'Game server' } })

  t.test('201: the secret is shown once and kept as a hash only', async t => {
    t.equal(status, 201)
    t.match(client, { clientId: /^[a-f0-9]{24}$/, clientSecret: /^[\w-]{43}$/, name: 'Game server' })
  })

  t.test('200: a token with role SERVICE, which sends activities and does nothing else', async t => {
    const { clientId, clientSecret } = client
    const answer = await call('POST', '/v1/auth/token', { body: { clientId, clientSecret } })
    t.equal(answer.status, 200)
    t.match(answer.body, { accessToken: String, tokenType: 'Bearer', expiresIn: 900 })
    t.notOk('refreshToken' in answer.body)
    const token = answer.body.accessToken
    const { user } = await signIn('USER')
    const activities = [
      { id: '1', userId: user.id, type: 'quest.cleared' },
      { id: '2', userId: user.id, type: 'user.visited' },
      { id: '3', userId: user.id, type: 'quest.cleared', occurredAt: '2020-01-01T00:00:00Z' }
    ]
    t.match((await call('POST', '/v1/activities', { token, body: { activities } })).body, {
      accepted: 1, duplicates: 0, rejected: [{ index: 1, code: 'RESERVED_TYPE' }, { index: 2, code: 'OCCURRED_TOO_LONG_AGO' }]
    })
    t.equal((await call('GET', '/v1/events', { token })).status, 403)
    t.equal((await call('GET', '/v1/users/me', { token })).status, 403)
  })

  t.test('401 INVALID_CREDENTIALS: a wrong secret and an unknown client look the same', async t => {
    const { clientId, clientSecret } = client
    const wrong = await call('POST', '/v1/auth/token', { body: { clientId, clientSecret: 'wrong' } })
    const unknown = await call('POST', '/v1/auth/token', { body: { clientId: 'nobody', clientSecret } })
    t.match(wrong, { status: 401, body: { code: 'INVALID_CREDENTIALS' } })
    t.same({ ...unknown.body, requestId: '' }, { ...wrong.body, requestId: '' })
  })

  t.test('200: the list names every client and shows no secret', async t => {
    const { body } = await call('GET', '/v1/clients', { token: admin.token })
    const { createdAt } = body.data[0]
    t.strictSame(body, { data: [{ clientId: client.clientId, name: 'Game server', createdBy: admin.user.id, createdAt }], nextCursor: null })
    for (const name of ['Second', 'Third']) await call('POST', '/v1/clients', { token: admin.token, body: { name } })
    const first = await call('GET', '/v1/clients?limit=2', { token: admin.token })
    const last = await call('GET', `/v1/clients?limit=2&cursor=${first.body.nextCursor}`, { token: admin.token })
    t.same([...first.body.data, ...last.body.data].map(({ name }) => name), ['Third', 'Second', 'Game server'])
  })

  t.test('204: a deleted client gets no token, is not listed, and its tokens stop to count at the gateway', async t => {
    const { body: { clientId, clientSecret } } = await call('POST', '/v1/clients', { token: admin.token, body: { name: 'To go' } })
    const { body: { accessToken: token } } = await call('POST', '/v1/auth/token', { body: { clientId, clientSecret } })
    const send = async () => await call('POST', '/v1/activities', { token, body: { activities: [{ id: '1', userId: 'someone', type: 'quest.cleared' }] } })
    t.equal((await send()).status, 200)
    t.match(await call('DELETE', `/v1/clients/${clientId}`, { token: admin.token }), { status: 204, body: '' })
    t.match(await call('POST', '/v1/auth/token', { body: { clientId, clientSecret } }), { status: 401, body: { code: 'INVALID_CREDENTIALS' } })
    t.notMatch(JSON.stringify((await call('GET', '/v1/clients', { token: admin.token })).body), clientId)
    t.match(await call('DELETE', `/v1/clients/${clientId}`, { token: admin.token }), { status: 404, body: { code: 'CLIENT_NOT_FOUND' } })
    await eventually(async () => (await send()).status === 401)
  })
})
