import t from 'tap'
import { password } from '../../../test/kit/servers/auth.ts'
import { admin, auth } from './shared.ts'

const { token, user: { id: adminId } } = admin

async function update (userId: string, body: unknown, headers: Record<string, string> = {}) {
  return await auth.call('PATCH', `/v1/users/${userId}`, { token, body, headers })
}

t.test('200: a user gets another role, and the next login returns it', async t => {
  const user = await auth.register()
  for (const [index, role] of (['OPERATOR', 'AUDITOR', 'ADMIN', 'USER'] as const).entries()) {
    const { status, headers, body } = await update(user.id, { role })
    t.equal(status, 200)
    t.strictSame(body, { ...user, role })
    t.equal(headers.get('etag'), `"${index + 2}"`, 'the version grows')
    t.match((await auth.login(user.email)).claims, { role })
  }
})

t.test('200: a change of role ends all sessions of this user and no others', async t => {
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

t.test('200: setting the same role again does not change the user', async t => {
  const user = await auth.register()
  const { status, headers, body } = await update(user.id, { role: 'USER' })
  t.equal(status, 200)
  t.strictSame(body, user)
  t.equal(headers.get('etag'), '"1"')
  t.match(await auth.users.findOne({ _id: user.id }), { version: 1 })
})

t.test('200: setting the same role and status again does not end sessions', async t => {
  const { user, claims } = await auth.signIn('OPERATOR')
  for (const body of [{ role: 'OPERATOR' }, { status: 'ACTIVE' }, { role: 'OPERATOR', status: 'ACTIVE' }]) {
    t.equal((await update(user.id, body)).status, 200)
    t.match(await auth.sessions.findOne({ _id: claims['sid'] }), { endedAt: undefined }, JSON.stringify(body))
  }
})

t.test('200: If-Match accepts the current ETag, a list that contains it, and *', async t => {
  const user = await auth.register()
  const { headers } = await auth.call('GET', `/v1/users/${user.id}`, { token })
  const etag = String(headers.get('etag'))
  t.equal((await update(user.id, { role: 'AUDITOR' }, { 'if-match': etag })).status, 200)
  t.equal((await update(user.id, { role: 'OPERATOR' }, { 'if-match': '"1", "2"' })).status, 200)
  t.equal((await update(user.id, { role: 'USER' }, { 'if-match': '*' })).status, 200)
})

t.test('412: a stale If-Match changes nothing and ends no session', async t => {
  const { user, claims } = await auth.signIn('OPERATOR')
  for (const stale of ['"1"', 'W/"2"', '2', '""']) {
    const answer = await update(user.id, { role: 'ADMIN' }, { 'if-match': stale })
    t.match(answer, { status: 412, body: { code: 'PRECONDITION_FAILED' } }, stale)
  }
  t.match(await auth.users.findOne({ _id: user.id }), { role: 'OPERATOR', version: 2 })
  t.match(await auth.sessions.findOne({ _id: claims['sid'] }), { endedAt: undefined })
})

t.test('412: of ten concurrent changes with the same ETag, one succeeds', async t => {
  const user = await auth.register()
  const answers = await Promise.all(Array.from({ length: 10 }, async (_, index) => {
    const role = index % 2 === 0 ? 'OPERATOR' : 'AUDITOR'
    return await update(user.id, { role }, { 'if-match': '"1"' })
  }))
  t.same(answers.map(({ status }) => status).sort(), [200, ...Array.from({ length: 9 }, () => 412)])
  const { role } = answers.find(({ status }) => status === 200)?.body
  t.match(await auth.users.findOne({ _id: user.id }), { version: 2, role })
})

t.test('404: no user has this id or can have it', async t => {
  for (const id of ['0123456789abcdef01234567', 'a'.repeat(129), 'no.id']) {
    t.match(await update(id, { role: 'OPERATOR' }), { status: 404, body: { code: 'USER_NOT_FOUND' } }, id)
  }
})

t.test('400: an unknown role, an empty patch, and properties that cannot be changed', async t => {
  const user = await auth.register()
  for (const [body, pointer] of [
    [{ role: 'SERVICE' }, '/role'],
    [{ status: 'GONE' }, '/status'],
    [{ status: null }, '/status'],
    [{ role: 'admin' }, '/role'],
    [{}, ''],
    [{ role: ['ADMIN'] }, '/role'],
    [{ role: 'ADMIN', email: 'other@example.com' }, '/email'],
    [{ role: 'ADMIN', version: 9 }, '/version']
  ] as const) {
    const expected = { status: 400, body: { code: 'VALIDATION_FAILED', errors: [{ pointer }] } }
    t.match(await update(user.id, body), expected, JSON.stringify(body))
  }
  t.match(await auth.users.findOne({ _id: user.id }), { role: 'USER', version: 1 })
})

t.test('409: the last ADMIN cannot be demoted, even if a disabled one is left', async t => {
  const disabled = await auth.signIn('ADMIN')
  await auth.users.updateMany({ role: 'ADMIN', _id: { $ne: adminId } }, { $set: { status: 'DISABLED' } })
  const before = await auth.users.findOne({ _id: adminId })
  for (const role of ['USER', 'OPERATOR', 'AUDITOR']) {
    t.match(await update(adminId, { role }), { status: 409, body: { code: 'LAST_ADMIN' } }, role)
  }
  t.strictSame(await auth.users.findOne({ _id: adminId }), before)
  t.equal((await update(adminId, { role: 'ADMIN' })).status, 200, 'a change to ADMIN is allowed')

  await auth.users.updateOne({ _id: disabled.user.id }, { $set: { status: 'ACTIVE' } })
  t.equal((await update(adminId, { role: 'USER' })).status, 200, 'if there is another ADMIN, demotion is possible')
  await auth.users.updateOne({ _id: adminId }, { $set: { role: 'ADMIN' } })
  await auth.users.updateMany({}, { $set: { status: 'ACTIVE' } })
})

t.test('200: a disabled user cannot log in or refresh until the account is active again', async t => {
  const { user, refreshToken, claims } = await auth.signIn('USER')
  const refresh = async () => await auth.call('POST', '/v1/auth/refresh', { body: { refreshToken } })
  const disabled = await update(user.id, { status: 'DISABLED' })
  t.match(disabled, { status: 200, body: { ...user, status: 'DISABLED' } })
  t.match(await auth.sessions.findOne({ _id: claims['sid'] }), { endedAt: Date })
  t.equal((await auth.tryLogin(user.email)).status, 401)
  t.equal((await refresh()).status, 401)
  const active = await update(user.id, { status: 'ACTIVE', role: 'AUDITOR' })
  t.match(active, { status: 200, body: { status: 'ACTIVE', role: 'AUDITOR' } })
  t.match(await auth.login(user.email), { claims: { role: 'AUDITOR' } })
  t.equal((await refresh()).status, 401, 'an ended session stays ended')
})

t.test('409: the last ADMIN cannot be disabled, and a disabled ADMIN is not the last one', async t => {
  const { user, token } = await auth.signIn('ADMIN')
  await auth.users.updateMany({ role: 'ADMIN', _id: { $ne: user.id } }, { $set: { role: 'USER' } })
  const update = async (body: object) => await auth.call('PATCH', `/v1/users/${user.id}`, { token, body })
  for (const body of [
    { status: 'DISABLED' },
    { role: 'ADMIN', status: 'DISABLED' },
    { role: 'USER', status: 'ACTIVE' }
  ]) {
    t.match(await update(body), { status: 409, body: { code: 'LAST_ADMIN' } }, JSON.stringify(body))
  }
  await auth.users.updateOne({ _id: user.id }, { $set: { status: 'DISABLED' } })
  t.equal((await update({ role: 'USER' })).status, 200)
  const both = { _id: { $in: [user.id, adminId] } }
  await auth.users.updateMany(both, { $set: { role: 'ADMIN', status: 'ACTIVE' } })
})

/** Takes the password of a user away, like that of a user of a machine client. */
async function removePassword (userId: string): Promise<void> {
  await auth.users.updateOne({ _id: userId }, { $set: { passwordHash: null } })
}

t.test('409: a user without a password cannot get a role above USER, because nobody could log in with it', async t => {
  const { id } = await auth.register()
  await removePassword(id)
  for (const role of ['OPERATOR', 'AUDITOR', 'ADMIN']) {
    t.match(await update(id, { role }), { status: 409, body: { code: 'NO_PASSWORD' } }, role)
  }
  t.match(await auth.users.findOne({ _id: id }), { role: 'USER', version: 1 })
  t.equal((await update(id, { status: 'DISABLED' })).status, 200, 'the status can change')
  await auth.users.updateOne({ _id: id }, { $set: { role: 'OPERATOR' } })
  t.equal((await update(id, { status: 'ACTIVE' })).status, 200, 'an earlier version allowed the role, which stays')
  t.match(await update(id, { role: 'ADMIN' }), { status: 409, body: { code: 'NO_PASSWORD' } })
  t.match(await update(id, { role: 'USER' }), { status: 200, body: { role: 'USER' } }, 'until it is removed')
})

t.test('409: the last ADMIN who can log in cannot be demoted, disabled, erased or deleted', async t => {
  const { user, token } = await auth.signIn('ADMIN')
  const other = await auth.signIn('ADMIN')
  await auth.users.updateMany({ role: 'ADMIN', _id: { $nin: [user.id, other.user.id] } }, { $set: { role: 'USER' } })
  await removePassword(other.user.id)
  const path = `/v1/users/${user.id}`
  for (const answer of [
    await auth.call('PATCH', path, { token, body: { role: 'USER' } }),
    await auth.call('PATCH', path, { token, body: { status: 'DISABLED' } }),
    await auth.call('POST', `${path}/erase`, { token }),
    await auth.call('POST', '/v1/users/me/delete', { token, body: { password } })
  ]) t.match(answer, { status: 409, body: { code: 'LAST_ADMIN' } })
  const demoted = await auth.call('PATCH', `/v1/users/${other.user.id}`, { token, body: { role: 'USER' } })
  t.equal(demoted.status, 200, 'an ADMIN who cannot log in is not the last one')
  await auth.users.updateOne({ _id: adminId }, { $set: { role: 'ADMIN' } })
})
