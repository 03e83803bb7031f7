import t from 'tap'
import { adminEmail, password, startAuth } from '../../../test/kit/auth.ts'

const auth = await startAuth(t)
const { token, user: admin } = await auth.login(adminEmail)

async function audit (query = '') {
  return (await auth.call('GET', `/v1/audit/accounts${query}`, { token })).body
}

t.test('200: a change of role or status is written down with who, what, before and after', async t => {
  const user = await auth.register()
  const { headers } = await auth.call('PATCH', `/v1/users/${user.id}`, { token, body: { role: 'OPERATOR' } })
  await auth.call('PATCH', `/v1/users/${user.id}`, { token, body: { status: 'DISABLED' } })
  await auth.call('PATCH', `/v1/users/${user.id}`, { token, body: { role: 'OPERATOR' } })
  const { data: [last, first] } = await audit('?limit=2')
  t.strictSame(first, {
    id: first.id,
    at: first.at,
    actorId: admin.id,
    role: 'ADMIN',
    action: 'updateUser',
    targetType: 'USER',
    targetId: user.id,
    before: { role: 'USER', status: 'ACTIVE' },
    after: { role: 'OPERATOR', status: 'ACTIVE' },
    requestId: headers.get('x-request-id')
  })
  t.match(last, { before: { role: 'OPERATOR', status: 'ACTIVE' }, after: { role: 'OPERATOR', status: 'DISABLED' } }, 'what changed nothing is no act')
})

t.test('200: so are machine clients, passwords and deleted accounts, without anything personal or secret', async t => {
  const { body: client } = await auth.call('POST', '/v1/clients', { token, body: { name: 'Canary game' } })
  await auth.call('DELETE', `/v1/clients/${client.clientId}`, { token })
  const person = await auth.login((await auth.register({ name: 'Canary' })).email)
  await auth.call('PUT', '/v1/users/me/password', { token: person.token, body: { currentPassword: password, newPassword: 'canary password' } })
  await auth.call('POST', '/v1/users/me/delete', { token: person.token, body: { password: 'canary password' } })
  const { data } = await audit('?limit=4')
  t.match(data, [
    { action: 'deleteMe', actorId: person.user.id, role: 'USER', targetType: 'USER', targetId: person.user.id },
    { action: 'changePassword', actorId: person.user.id, targetId: person.user.id },
    { action: 'deleteClient', actorId: admin.id, targetType: 'CLIENT', targetId: client.clientId },
    { action: 'createClient', actorId: admin.id, targetType: 'CLIENT', targetId: client.clientId }
  ])
  t.notMatch(JSON.stringify(data), /canary/i)
})

t.test('a refused act leaves no row', async t => {
  const before = (await audit('?limit=1')).data
  const person = await auth.login((await auth.register()).email)
  for (const [method, path, body] of [
    ['PATCH', `/v1/users/${admin.id}`, { role: 'USER' }], ['PATCH', '/v1/users/nobody', { role: 'USER' }], ['DELETE', '/v1/clients/nobody', undefined], ['POST', '/v1/users/me/delete', { password }]
  ] as const) t.ok((await auth.call(method, path, { token, body })).status >= 400, path)
  t.equal((await auth.call('PUT', '/v1/users/me/password', { token: person.token, body: { currentPassword: 'wrong', newPassword: 'a new password' } })).status, 401)
  t.strictSame((await audit('?limit=1')).data, before)
})

t.test('200: the list is paged, oldest first where it is asked for', async t => {
  const first = await audit('?limit=2&order=asc')
  const next = await audit(`?limit=2&order=asc&cursor=${first.nextCursor}`)
  const all = await audit('?limit=100&order=asc')
  t.strictSame([...first.data, ...next.data], all.data.slice(0, 4))
})
