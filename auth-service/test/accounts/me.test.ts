import t from 'tap'
import { adminEmail, password, startAuth, type Session } from '../../../test/kit/auth.ts'
import { ownDatabase } from '../../../test/kit/database.ts'
import { startMongoGate } from '../../../test/kit/mongo-gate.ts'

const database = ownDatabase(t, 'auth')
const gate = await startMongoGate(t, database.uri)
const auth = await startAuth(t, { AUTH_MONGODB_URI: gate.uri }, database)
const wrong = { status: 401, body: { code: 'INVALID_CREDENTIALS' } }
const newPassword = 'a longer walk by the sea'

async function rename (token: string, body: unknown, headers: Record<string, string> = {}) {
  return await auth.call('PATCH', '/v1/users/me', { token, body, headers })
}

async function change (token: string, body: unknown) {
  return await auth.call('PUT', '/v1/users/me/password', { token, body })
}

async function remove (token: string, given: unknown = password) {
  return await auth.call('POST', '/v1/users/me/delete', { token, body: { password: given } })
}

async function refresh ({ refreshToken }: Session) {
  return await auth.call('POST', '/v1/auth/refresh', { body: { refreshToken } })
}

t.test('200: everyone can change their name, or take it away', async t => {
  for (const role of ['USER', 'OPERATOR', 'AUDITOR', 'ADMIN'] as const) {
    const { user, token } = await auth.signIn(role)
    const { status, headers, body } = await rename(token, { name: 'Kim' })
    t.equal(status, 200)
    t.strictSame(body, { ...user, name: 'Kim' })
    t.equal(headers.get('etag'), role === 'USER' ? '"2"' : '"3"')
    t.equal((await rename(token, { name: 'Kim' })).headers.get('etag'), headers.get('etag'), 'the same name again changes nothing')
    t.match(await rename(token, { name: null }), { status: 200, body: { name: null } })
  }
})

t.test('412: a name is not changed on what was seen before another change, also at the same instant', async t => {
  const { token, user } = await auth.signIn('USER')
  t.match(await rename(token, { name: 'Kim' }, { 'if-match': '"2"' }), { status: 412, body: { code: 'PRECONDITION_FAILED' } })
  t.match(await rename(token, { name: 'Kim' }, { 'if-match': '"1"' }), { status: 200 })
  for (const [headers, expected] of [[{ 'if-match': '"2"' }, { status: 412 }], [{}, { status: 200, body: { name: 'Lee' } }]] as const) {
    const { reached, open } = gate.hold('findAndModify', 'users')
    const slow = rename(token, { name: 'Lee' }, headers)
    await reached
    await rename(token, { name: 'Jo' })
    open()
    t.match(await slow, expected)
  }
  t.match(await auth.users.findOne({ _id: user.id }), { name: 'Lee', version: 4 })
})

t.test('400: a name is text, and nothing else can be changed', async t => {
  const { token } = await auth.signIn('USER')
  for (const body of [{}, { name: '' }, { name: ' ' }, { name: 'x'.repeat(101) }, { name: 7 }, { name: 'Kim', role: 'ADMIN' }, { name: 'Kim', email: 'x@example.com' }, { name: 'K\0' }]) {
    t.match(await rename(token, body), { status: 400, body: { code: 'VALIDATION_FAILED' } }, JSON.stringify(body))
  }
})

t.test('204: another password counts at once, the old one does not, and the other sessions end', async t => {
  const one = await auth.signIn('USER')
  const two = await auth.login(one.user.email)
  t.match(await change(one.token, { currentPassword: password, newPassword }), { status: 204, body: '' })
  t.match(await auth.tryLogin(one.user.email), wrong)
  t.equal((await auth.tryLogin(one.user.email, newPassword)).status, 200)
  t.equal((await refresh(two)).status, 401)
  t.equal((await refresh(one)).status, 200)
})

t.test('401: a wrong current password changes nothing', async t => {
  const one = await auth.signIn('USER')
  t.match(await change(one.token, { currentPassword: 'a short walk', newPassword }), wrong)
  t.equal((await auth.tryLogin(one.user.email)).status, 200)
})

t.test('400: a new password has to be as good as a first one', async t => {
  const { token, user } = await auth.signIn('USER')
  for (const bad of ['short', 'password123', user.email, 'x'.repeat(257), 12345678]) {
    t.match(await change(token, { currentPassword: password, newPassword: bad }), { status: 400, body: { errors: [{ pointer: '/newPassword' }] } }, String(bad))
  }
})

t.test('401: of two changes at the same instant one counts', async t => {
  const { token, user } = await auth.signIn('USER')
  const { reached, open } = gate.hold('update', 'users')
  const slow = change(token, { currentPassword: password, newPassword })
  await reached
  t.equal((await change(token, { currentPassword: password, newPassword: 'the quicker one' })).status, 204)
  open()
  t.match(await slow, wrong)
  t.equal((await auth.tryLogin(user.email, 'the quicker one')).status, 200)
})

t.test('401: a login with the old password that is under way while it changes gets no session', async t => {
  const { token, user } = await auth.signIn('USER')
  const { reached, open } = gate.hold('insert', 'sessions')
  const late = auth.tryLogin(user.email)
  await reached
  t.equal((await change(token, { currentPassword: password, newPassword })).status, 204)
  open()
  t.match(await late, wrong)
  t.equal(await auth.sessions.countDocuments({ userId: user.id, endedAt: { $exists: false } }), 1)
})

t.test('204: an account that is deleted is signed out everywhere, forgotten, and its address is free again', async t => {
  const friend = await auth.register()
  const one = await auth.login((await auth.register({ name: 'Kim Canary', referralCode: friend.referralCode })).email)
  const two = await auth.login(one.user.email)
  t.match(await remove(one.token), { status: 204, body: '' })
  for (const session of [one, two]) t.equal((await refresh(session)).status, 401)
  t.match(await auth.tryLogin(one.user.email), wrong)
  t.match(await auth.call('GET', '/v1/users/me', { token: one.token }), { status: 404 })

  for (const { name } of await auth.db.listCollections().toArray()) {
    const text = JSON.stringify(await auth.db.collection(name).find().toArray())
    t.notMatch(text, one.user.email, name)
    t.notMatch(text, 'Kim Canary', name)
  }
  const { token } = await auth.login(adminEmail)
  t.match(await auth.call('GET', `/v1/users/${one.user.id}`, { token }), { status: 404 })
  const again = await auth.register({ email: one.user.email })
  t.not(again.id, one.user.id)
})

t.test('401: a wrong password deletes nothing', async t => {
  const { token, user } = await auth.signIn('USER')
  t.match(await remove(token, 'a short walk'), wrong)
  t.match(await remove(token, 5), { status: 400 })
  t.ok(await auth.users.findOne({ _id: user.id }))
})

t.test('404: who is deleted already cannot do any of it', async t => {
  const { token } = await auth.signIn('USER')
  const { reached, open } = gate.hold('findAndModify', 'users')
  const slow = remove(token)
  await reached
  t.equal((await remove(token)).status, 204)
  open()
  for (const answer of [await slow, await remove(token), await rename(token, { name: 'Kim' }), await change(token, { currentPassword: password, newPassword })]) {
    t.match(answer, { status: 404, body: { code: 'USER_NOT_FOUND' } })
  }
})

t.test('409: the last ADMIN cannot delete itself, also where two try at the same instant', async t => {
  const [one, two] = [await auth.signIn('ADMIN'), await auth.signIn('ADMIN')]
  await auth.users.updateMany({ _id: { $nin: [one.user.id, two.user.id] } }, { $set: { status: 'DISABLED' } })
  const answers = await Promise.all([remove(one.token), remove(two.token)])
  t.same(answers.map(({ status }) => status).sort(), [204, 409])
  t.match(answers.find(({ status }) => status === 409)?.body, { code: 'LAST_ADMIN' })
  t.equal(await auth.users.countDocuments({ role: 'ADMIN', status: 'ACTIVE' }), 1)
  await auth.users.updateMany({}, { $set: { status: 'ACTIVE' } })
})
