import t from 'tap'
import { password } from '../../../test/kit/servers/auth.ts'
import { admin, auth } from './shared.ts'

const { token } = admin

async function audit (query = '') {
  return (await auth.call('GET', `/v1/audit/accounts${query}`, { token })).body
}

t.test('200: a change of role or status is recorded with who, what, before and after', async t => {
  const user = await auth.register()
  const path = `/v1/users/${user.id}`
  const { headers } = await auth.call('PATCH', path, { token, body: { role: 'OPERATOR' } })
  await auth.call('PATCH', path, { token, body: { status: 'DISABLED' } })
  await auth.call('PATCH', path, { token, body: { role: 'OPERATOR' } })
  const { data: [last, first] } = await audit('?limit=2')
  t.strictSame(first, {
    id: first.id,
    at: first.at,
    actorId: admin.user.id,
    role: 'ADMIN',
    action: 'updateUser',
    targetType: 'USER',
    targetId: user.id,
    before: { role: 'USER', status: 'ACTIVE' },
    after: { role: 'OPERATOR', status: 'ACTIVE' },
    requestId: headers.get('x-request-id')
  })
  t.match(last, {
    before: { role: 'OPERATOR', status: 'ACTIVE' }, after: { role: 'OPERATOR', status: 'DISABLED' }
  }, 'a request that changes nothing is not recorded')
})

t.test('200: clients, passwords and deleted accounts are recorded without personal or secret data', async t => {
  const { body: client } = await auth.call('POST', '/v1/clients', { token, body: { name: 'Canary game' } })
  await auth.call('DELETE', `/v1/clients/${client.clientId}`, { token })
  const user = await auth.login((await auth.register({ name: 'Canary' })).email)
  const change = { currentPassword: password, newPassword: 'canary password' }
  await auth.call('PUT', '/v1/users/me/password', { token: user.token, body: change })
  await auth.call('POST', '/v1/users/me/delete', { token: user.token, body: { password: 'canary password' } })
  const { data } = await audit('?limit=4')
  const [adminId, userId] = [admin.user.id, user.user.id]
  t.match(data, [
    { action: 'deleteMe', actorId: userId, role: 'USER', targetType: 'USER', targetId: userId },
    { action: 'changePassword', actorId: userId, targetId: userId },
    { action: 'deleteClient', actorId: adminId, targetType: 'CLIENT', targetId: client.clientId },
    { action: 'createClient', actorId: adminId, targetType: 'CLIENT', targetId: client.clientId }
  ])
  t.notMatch(JSON.stringify(data), /canary/i)
})

t.test('a refused request is not recorded', async t => {
  await auth.users.updateMany({ role: 'ADMIN', _id: { $ne: admin.user.id } }, { $set: { role: 'USER' } })
  const before = (await audit('?limit=1')).data
  const user = await auth.login((await auth.register()).email)
  for (const [method, path, body] of [
    ['PATCH', `/v1/users/${admin.user.id}`, { role: 'USER' }],
    ['PATCH', '/v1/users/nobody', { role: 'USER' }],
    ['DELETE', '/v1/clients/nobody', undefined],
    ['POST', '/v1/users/me/delete', { password }]
  ] as const) t.ok((await auth.call(method, path, { token, body })).status >= 400, path)
  const change = { currentPassword: 'wrong', newPassword: 'a new password' }
  t.equal((await auth.call('PUT', '/v1/users/me/password', { token: user.token, body: change })).status, 401)
  t.strictSame((await audit('?limit=1')).data, before)
})

t.test('200: the list is paged, oldest first if requested', async t => {
  const first = await audit('?limit=2&order=asc')
  const next = await audit(`?limit=2&order=asc&cursor=${first.nextCursor}`)
  const all = await audit('?limit=100&order=asc')
  t.strictSame([...first.data, ...next.data], all.data.slice(0, 4))
})
