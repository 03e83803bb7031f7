import t from 'tap'
import { adminEmail, startAuth } from '../../../test/kit/auth.ts'

const auth = await startAuth(t)
const { token, user: admin } = await auth.login(adminEmail)

async function update (userId: string, body: unknown, headers: Record<string, string> = {}) {
  return await auth.call('PATCH', `/v1/users/${userId}`, { token, body, headers })
}

t.test('200: a person has another role, and the next login says so', async t => {
  const user = await auth.register()
  for (const [index, role] of (['OPERATOR', 'AUDITOR', 'ADMIN', 'USER'] as const).entries()) {
    const { status, headers, body } = await update(user.id, { role })
    t.equal(status, 200)
    t.strictSame(body, { ...user, role })
    t.equal(headers.get('etag'), `"${index + 2}"`, 'the version grows')
    t.match((await auth.login(user.email)).claims, { role })
  }
})

t.test('200: every change of role ends the sessions of that user, and nobody else\'s', async t => {
  const { user } = await auth.signIn('USER')
  const other = await auth.signIn('USER')
  await auth.login(user.email)
  const open = { userId: user.id, endedAt: { $exists: false } }
  t.equal(await auth.sessions.countDocuments(open), 2)
  await update(user.id, { role: 'OPERATOR' })
  t.equal(await auth.sessions.countDocuments(open), 0)
  t.match(await auth.sessions.findOne({ _id: other.claims['sid'] }), { endedAt: undefined })

  const firstEnd = (await auth.sessions.findOne({ userId: user.id }))?.['endedAt']
  await update(user.id, { role: 'USER' })
  t.same((await auth.sessions.findOne({ userId: user.id }))?.['endedAt'], firstEnd, 'a session ends once')
})

t.test('200: the same role again changes nothing about the user', async t => {
  const user = await auth.register()
  const { status, headers, body } = await update(user.id, { role: 'USER' })
  t.equal(status, 200)
  t.strictSame(body, user)
  t.equal(headers.get('etag'), '"1"')
  t.match(await auth.users.findOne({ _id: user.id }), { version: 1 })
})

t.test('200: the same role again still ends the sessions, so a change that was cut off before that can be repeated', async t => {
  const { user, claims } = await auth.signIn('USER')
  await update(user.id, { role: 'USER' })
  t.match(await auth.sessions.findOne({ _id: claims['sid'] }), { endedAt: Date })
})

t.test('200: If-Match takes the ETag that was seen, one of several, or any', async t => {
  const user = await auth.register()
  const { headers } = await auth.call('GET', `/v1/users/${user.id}`, { token })
  t.equal((await update(user.id, { role: 'AUDITOR' }, { 'if-match': String(headers.get('etag')) })).status, 200)
  t.equal((await update(user.id, { role: 'OPERATOR' }, { 'if-match': '"1", "2"' })).status, 200)
  t.equal((await update(user.id, { role: 'USER' }, { 'if-match': '*' })).status, 200)
})

t.test('412: a change on what was seen before somebody else\'s change is not made', async t => {
  const { user, claims } = await auth.signIn('OPERATOR')
  for (const stale of ['"1"', 'W/"2"', '2', '""']) {
    t.match(await update(user.id, { role: 'ADMIN' }, { 'if-match': stale }), { status: 412, body: { code: 'PRECONDITION_FAILED' } }, stale)
  }
  t.match(await auth.users.findOne({ _id: user.id }), { role: 'OPERATOR', version: 2 })
  t.match(await auth.sessions.findOne({ _id: claims['sid'] }), { endedAt: undefined }, 'and ends no session')
})

t.test('412: of ten who change what they all have seen, one does', async t => {
  const user = await auth.register()
  const answers = await Promise.all(Array.from({ length: 10 }, async (_, index) =>
    await update(user.id, { role: index % 2 === 0 ? 'OPERATOR' : 'AUDITOR' }, { 'if-match': '"1"' })))
  t.same(answers.map(({ status }) => status).sort(), [200, ...Array.from({ length: 9 }, () => 412)])
  t.match(await auth.users.findOne({ _id: user.id }), { version: 2, role: answers.find(({ status }) => status === 200)?.body.role })
})

t.test('404: nobody has this id, or can have it', async t => {
  for (const id of ['0123456789abcdef01234567', 'a'.repeat(129), 'no.id']) {
    t.match(await update(id, { role: 'OPERATOR' }), { status: 404, body: { code: 'USER_NOT_FOUND' } }, id)
  }
})

t.test('400: no such role, no role, and what cannot be changed', async t => {
  const user = await auth.register()
  for (const [body, pointer] of [
    [{ role: 'SERVICE' }, '/role'], [{ status: 'GONE' }, '/status'], [{ status: null }, '/status'], [{ role: 'admin' }, '/role'], [{}, ''], [{ role: ['ADMIN'] }, '/role'],
    [{ role: 'ADMIN', email: 'other@example.com' }, '/email'], [{ role: 'ADMIN', version: 9 }, '/version']
  ] as const) {
    t.match(await update(user.id, body), { status: 400, body: { code: 'VALIDATION_FAILED', errors: [{ pointer }] } }, JSON.stringify(body))
  }
  t.match(await auth.users.findOne({ _id: user.id }), { role: 'USER', version: 1 })
})

t.test('409: the last ADMIN stays one, also while a disabled one is left', async t => {
  const sleeping = await auth.signIn('ADMIN')
  await auth.users.updateMany({ role: 'ADMIN', _id: { $ne: admin.id } }, { $set: { status: 'DISABLED' } })
  for (const role of ['USER', 'OPERATOR', 'AUDITOR']) {
    t.match(await update(admin.id, { role }), { status: 409, body: { code: 'LAST_ADMIN' } }, role)
  }
  t.match(await auth.users.findOne({ _id: admin.id }), { role: 'ADMIN', version: 1 })
  t.equal((await update(admin.id, { role: 'ADMIN' })).status, 200, 'and may be told that it is one')

  await auth.users.updateOne({ _id: sleeping.user.id }, { $set: { status: 'ACTIVE' } })
  t.equal((await update(admin.id, { role: 'USER' })).status, 200, 'with a second one it may go')
  await auth.users.updateOne({ _id: admin.id }, { $set: { role: 'ADMIN' } })
})

t.test('200: a disabled account cannot sign in or refresh, and can again when it is active', async t => {
  const { user, refreshToken, claims } = await auth.signIn('USER')
  t.match(await update(user.id, { status: 'DISABLED' }), { status: 200, body: { ...user, status: 'DISABLED' } })
  t.match(await auth.sessions.findOne({ _id: claims['sid'] }), { endedAt: Date })
  t.equal((await auth.tryLogin(user.email)).status, 401)
  t.equal((await auth.call('POST', '/v1/auth/refresh', { body: { refreshToken } })).status, 401)
  t.match(await update(user.id, { status: 'ACTIVE', role: 'AUDITOR' }), { status: 200, body: { status: 'ACTIVE', role: 'AUDITOR' } })
  t.match(await auth.login(user.email), { claims: { role: 'AUDITOR' } })
  t.equal((await auth.call('POST', '/v1/auth/refresh', { body: { refreshToken } })).status, 401, 'what has ended stays so')
})

t.test('409: the last ADMIN cannot be disabled, and a disabled one is no last one', async t => {
  const { user, token } = await auth.signIn('ADMIN')
  await auth.users.updateMany({ role: 'ADMIN', _id: { $ne: user.id } }, { $set: { role: 'USER' } })
  const ask = async (body: object) => await auth.call('PATCH', `/v1/users/${user.id}`, { token, body })
  for (const body of [{ status: 'DISABLED' }, { role: 'ADMIN', status: 'DISABLED' }, { role: 'USER', status: 'ACTIVE' }]) {
    t.match(await ask(body), { status: 409, body: { code: 'LAST_ADMIN' } }, JSON.stringify(body))
  }
  await auth.users.updateOne({ _id: user.id }, { $set: { status: 'DISABLED' } })
  t.equal((await ask({ role: 'USER' })).status, 200)
  await auth.users.updateMany({ _id: { $in: [user.id, admin.id] } }, { $set: { role: 'ADMIN', status: 'ACTIVE' } })
})
