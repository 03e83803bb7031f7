import t from 'tap'
import { password, type Session } from '../../../test/kit/servers/auth.ts'
import { admin, auth, gate } from './shared.ts'

const wrong = { status: 401, body: { code: 'INVALID_CREDENTIALS' } }
const newPassword = 'a longer walk by the sea'

async function rename (token: string, body: unknown, headers: Record<string, string> = {}) {
  return await auth.call('PATCH', '/v1/users/me', { token, body, headers })
}

async function changePassword (token: string, body: unknown) {
  return await auth.call('PUT', '/v1/users/me/password', { token, body })
}

async function deleteMe (token: string, given: unknown = password) {
  return await auth.call('POST', '/v1/users/me/delete', { token, body: { password: given } })
}

async function refresh ({ refreshToken }: Session) {
  return await auth.call('POST', '/v1/auth/refresh', { body: { refreshToken } })
}

t.test('200: users of every role can change or remove their name', async t => {
  for (const role of ['USER', 'OPERATOR', 'AUDITOR', 'ADMIN'] as const) {
    const { user, token } = await auth.signIn(role)
    const { status, headers, body } = await rename(token, { name: 'Kim' })
    t.equal(status, 200)
    t.strictSame(body, { ...user, name: 'Kim' })
    t.equal(headers.get('etag'), role === 'USER' ? '"2"' : '"3"')
    const again = await rename(token, { name: 'Kim' })
    t.equal(again.headers.get('etag'), headers.get('etag'), 'the same name again changes nothing')
    t.match(await rename(token, { name: null }), { status: 200, body: { name: null } })
  }
})

t.test('412: a name is not changed if the user has changed since it was read, even at the same instant', async t => {
  const { token, user } = await auth.signIn('USER')
  const stale = await rename(token, { name: 'Kim' }, { 'if-match': '"2"' })
  t.match(stale, { status: 412, body: { code: 'PRECONDITION_FAILED' } })
  t.match(await rename(token, { name: 'Kim' }, { 'if-match': '"1"' }), { status: 200 })
  for (const [headers, expected] of [
    [{ 'if-match': '"2"' }, { status: 412 }],
    [{}, { status: 200, body: { name: 'Lee' } }]
  ] as const) {
    const { reached, open } = gate.hold('update', 'users')
    const slow = rename(token, { name: 'Lee' }, headers)
    await reached
    await rename(token, { name: 'Jo' })
    open()
    t.match(await slow, expected)
  }
  t.match(await auth.users.findOne({ _id: user.id }), { name: 'Lee', version: 4 })
})

t.test('400: a name must be a string, and no other property can be changed', async t => {
  const { token } = await auth.signIn('USER')
  for (const body of [
    {},
    { name: '' },
    { name: ' ' },
    { name: 'x'.repeat(101) },
    { name: 7 },
    { name: 'Kim', role: 'ADMIN' },
    { name: 'Kim', email: 'x@example.com' },
    { name: 'K\0' }
  ]) {
    t.match(await rename(token, body), { status: 400, body: { code: 'VALIDATION_FAILED' } }, JSON.stringify(body))
  }
})

t.test('204: a new password is valid immediately, the old one is not, and the other sessions end', async t => {
  const one = await auth.signIn('USER')
  const two = await auth.login(one.user.email)
  t.match(await changePassword(one.token, { currentPassword: password, newPassword }), { status: 204, body: '' })
  t.match(await auth.tryLogin(one.user.email), wrong)
  t.equal((await auth.tryLogin(one.user.email, newPassword)).status, 200)
  t.equal((await refresh(two)).status, 401)
  t.equal((await refresh(one)).status, 200)
})

t.test('401: a wrong current password changes nothing', async t => {
  const one = await auth.signIn('USER')
  t.match(await changePassword(one.token, { currentPassword: 'a short walk', newPassword }), wrong)
  t.equal((await auth.tryLogin(one.user.email)).status, 200)
})

t.test('400: a new password follows the rules of registration', async t => {
  const { token, user } = await auth.signIn('USER')
  const expected = { status: 400, body: { errors: [{ pointer: '/newPassword' }] } }
  for (const weak of ['short', 'password123', user.email, 'x'.repeat(257), 12345678]) {
    const answer = await changePassword(token, { currentPassword: password, newPassword: weak })
    t.match(answer, expected, String(weak))
  }
})

t.test('401: of two concurrent password changes, one succeeds', async t => {
  const { token, user } = await auth.signIn('USER')
  const { reached, open } = gate.hold('update', 'users')
  const slow = changePassword(token, { currentPassword: password, newPassword })
  await reached
  const fast = await changePassword(token, { currentPassword: password, newPassword: 'the quicker one' })
  t.equal(fast.status, 204)
  open()
  t.match(await slow, wrong)
  t.equal((await auth.tryLogin(user.email, 'the quicker one')).status, 200)
})

t.test('401: a login with the old password gets no session if the password changes during the login', async t => {
  const { token, user } = await auth.signIn('USER')
  const { reached, open } = gate.hold('insert', 'sessions')
  const late = auth.tryLogin(user.email)
  await reached
  t.equal((await changePassword(token, { currentPassword: password, newPassword })).status, 204)
  open()
  t.match(await late, wrong)
  t.equal(await auth.sessions.countDocuments({ userId: user.id, endedAt: { $exists: false } }), 1)
})

t.test('204: a deleted account is logged out everywhere and erased, and its address can be used again', async t => {
  const friend = await auth.register()
  const { email } = await auth.register({ name: 'Kim Canary', referralCode: friend.referralCode })
  const one = await auth.login(email)
  const two = await auth.login(email)
  t.match(await deleteMe(one.token), { status: 204, body: '' })
  for (const session of [one, two]) t.equal((await refresh(session)).status, 401)
  t.match(await auth.tryLogin(email), wrong)
  t.match(await auth.call('GET', '/v1/users/me', { token: one.token }), { status: 404 })

  for (const { name } of await auth.db.listCollections().toArray()) {
    const text = JSON.stringify(await auth.db.collection(name).find().toArray())
    t.notMatch(text, email, name)
    t.notMatch(text, 'Kim Canary', name)
  }
  t.match(await auth.call('GET', `/v1/users/${one.user.id}`, { token: admin.token }), { status: 404 })
  const again = await auth.register({ email })
  t.not(again.id, one.user.id)
})

t.test('401: a wrong password does not delete the account', async t => {
  const { token, user } = await auth.signIn('USER')
  t.match(await deleteMe(token, 'a short walk'), wrong)
  t.match(await deleteMe(token, 5), { status: 400 })
  t.ok(await auth.users.findOne({ _id: user.id }))
})

t.test('404: none of these operations work for a deleted user', async t => {
  const { token } = await auth.signIn('USER')
  const { reached, open } = gate.hold('delete', 'users')
  const slow = deleteMe(token)
  await reached
  t.equal((await deleteMe(token)).status, 204)
  open()
  for (const answer of [
    await slow,
    await deleteMe(token),
    await rename(token, { name: 'Kim' }),
    await changePassword(token, { currentPassword: password, newPassword })
  ]) t.match(answer, { status: 404, body: { code: 'USER_NOT_FOUND' } })
})

t.test('409: the last ADMIN cannot delete the account, even if the last two try concurrently', async t => {
  const [one, two] = [await auth.signIn('ADMIN'), await auth.signIn('ADMIN')]
  await auth.users.updateMany({ _id: { $nin: [one.user.id, two.user.id] } }, { $set: { status: 'DISABLED' } })
  const answers = await Promise.all([deleteMe(one.token), deleteMe(two.token)])
  t.same(answers.map(({ status }) => status).sort(), [204, 409])
  t.match(answers.find(({ status }) => status === 409)?.body, { code: 'LAST_ADMIN' })
  t.equal(await auth.users.countDocuments({ role: 'ADMIN', status: 'ACTIVE' }), 1)
  await auth.users.updateMany({}, { $set: { status: 'ACTIVE' } })
})
