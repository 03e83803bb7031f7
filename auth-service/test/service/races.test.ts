import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { admin, auth, gate } from './shared.ts'

const { user: { id: adminId, email: adminEmail } } = admin

async function giveRole (userId: string, role: string, token: string) {
  return await auth.call('PATCH', `/v1/users/${userId}`, { token, body: { role } })
}

t.test('409: if two ADMINs demote each other concurrently, one of them remains', async t => {
  const [one, two] = [await auth.signIn('ADMIN'), await auth.signIn('ADMIN')]
  for (let round = 0; round < 8; round++) {
    await auth.users.updateMany({ role: 'ADMIN' }, { $set: { role: 'USER' } })
    await auth.users.updateMany({ _id: { $in: [one.user.id, two.user.id] } }, { $set: { role: 'ADMIN' } })
    // The first change on a platform creates the document that both requests write.
    if (round % 2 === 0) await auth.db.collection('guards').deleteMany({})
    const answers = await Promise.all([
      giveRole(two.user.id, 'USER', one.token), giveRole(one.user.id, 'USER', two.token)
    ])
    t.same(answers.map(({ status }) => status).sort(), [200, 409], `round ${round}`)
    t.match(answers.find(({ status }) => status === 409)?.body, { code: 'LAST_ADMIN' })
    t.equal(await auth.users.countDocuments({ role: 'ADMIN' }), 1)
  }
  await auth.users.updateOne({ _id: adminId }, { $set: { role: 'ADMIN' } })
})

t.test('409: one ADMIN remains even if the second request arrives before the first one is written', async t => {
  await auth.users.updateMany({ role: 'ADMIN', _id: { $ne: adminId } }, { $set: { role: 'USER' } })
  const other = await auth.signIn('ADMIN')
  const { reached, open } = gate.hold('update', 'users')
  const first = giveRole(other.user.id, 'USER', admin.token)
  await reached
  const second = giveRole(adminId, 'USER', other.token)
  await sleep(50)
  open()
  t.same([(await first).status, (await second).status].sort(), [200, 409])
  t.equal(await auth.users.countDocuments({ role: 'ADMIN' }), 1)
  await auth.users.updateOne({ _id: adminId }, { $set: { role: 'ADMIN' } })
})

t.test('a login during a change of role leaves no active session with the old role', async t => {
  for (let round = 0; round < 6; round++) {
    const { id, email } = await auth.register()
    const logins = Array.from({ length: 4 }, async (_, index) => {
      await sleep(index * 2)
      return (await auth.login(email)).claims
    })
    await sleep(round)
    const change = await giveRole(id, 'OPERATOR', admin.token)
    const claims = await Promise.all(logins)
    const live = await auth.sessions.distinct('_id', { userId: id, endedAt: { $exists: false } })
    const roles = claims.filter(({ sid }) => live.includes(sid)).map(({ role }) => role)
    t.strictSame([change.status, ...roles], [200, ...roles.map(() => 'OPERATOR')], `round ${round}`)
  }
})

t.test('200: a role that changes before a login has written its session is the role of the token', async t => {
  const { id, email } = await auth.register()
  const { reached, open } = gate.hold('insert', 'sessions')
  const login = auth.login(email)
  await reached
  t.equal((await giveRole(id, 'OPERATOR', admin.token)).status, 200)
  open()
  const { claims, user } = await login
  t.match([claims['role'], user.role], ['OPERATOR', 'OPERATOR'])
  t.match(await auth.sessions.findOne({ _id: claims['sid'] }), { endedAt: undefined })
})

t.test('a session that starts before a change of role is written ends with the change', async t => {
  const { id, email } = await auth.register()
  const { reached, open } = gate.hold('update', 'users')
  const change = giveRole(id, 'OPERATOR', admin.token)
  await reached
  const { claims } = await auth.login(email)
  t.equal(claims['role'], 'USER')
  open()
  t.equal((await change).status, 200)
  t.match(await auth.sessions.findOne({ _id: claims['sid'] }), { endedAt: Date })
})

t.test('401: an account that is disabled or deleted during a login gets no active session', async t => {
  for (const remove of [
    async (_id: string) => await auth.users.updateOne({ _id }, { $set: { status: 'DISABLED' } }),
    async (_id: string) => await auth.users.deleteOne({ _id })
  ]) {
    const { id, email } = await auth.register()
    const { reached, open } = gate.hold('findAndModify', 'users')
    const login = auth.tryLogin(email)
    await reached
    await remove(id)
    open()
    t.match(await login, { status: 401, body: { code: 'INVALID_CREDENTIALS' } })
    t.match(await auth.sessions.find({ userId: id }).toArray(), [{ endedAt: Date }])
  }
  t.equal((await auth.login(adminEmail)).user.id, adminId)
})
