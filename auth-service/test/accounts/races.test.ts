import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { adminEmail, startAuth } from '../../../test/kit/auth.ts'
import { ownDatabase } from '../../../test/kit/database.ts'
import { startMongoGate } from '../../../test/kit/mongo-gate.ts'

const database = ownDatabase(t, 'auth')
const gate = await startMongoGate(t, database.uri)
const auth = await startAuth(t, { AUTH_MONGODB_URI: gate.uri }, database)

async function giveRole (userId: string, role: string, token: string) {
  return await auth.call('PATCH', `/v1/users/${userId}`, { token, body: { role } })
}

t.test('409: of two ADMINs who demote each other at the same instant one stays, each time', async t => {
  const [one, two] = [await auth.signIn('ADMIN'), await auth.signIn('ADMIN')]
  for (let round = 0; round < 8; round++) {
    await auth.users.updateMany({ role: 'ADMIN' }, { $set: { role: 'USER' } })
    await auth.users.updateMany({ _id: { $in: [one.user.id, two.user.id] } }, { $set: { role: 'ADMIN' } })
    // The very first change of a platform makes the document where they meet.
    if (round % 2 === 0) await auth.db.collection('guards').deleteMany({})
    const answers = await Promise.all([giveRole(two.user.id, 'USER', one.token), giveRole(one.user.id, 'USER', two.token)])
    t.same(answers.map(({ status }) => status).sort(), [200, 409], `round ${round}`)
    t.match(answers.find(({ status }) => status === 409)?.body, { code: 'LAST_ADMIN' })
    t.equal(await auth.users.countDocuments({ role: 'ADMIN' }), 1)
  }
  await auth.users.updateOne({ email: adminEmail }, { $set: { role: 'ADMIN' } })
})

t.test('409: so it does where the second one asks while the first change is about to be written', async t => {
  await auth.users.updateMany({ role: 'ADMIN', email: { $ne: adminEmail } }, { $set: { role: 'USER' } })
  const [admin, other] = [await auth.login(adminEmail), await auth.signIn('ADMIN')]
  const { reached, open } = gate.hold('update', 'users')
  const first = giveRole(other.user.id, 'USER', admin.token)
  await reached
  const second = giveRole(admin.user.id, 'USER', other.token)
  await sleep(50)
  open()
  t.same([(await first).status, (await second).status].sort(), [200, 409])
  t.equal(await auth.users.countDocuments({ role: 'ADMIN' }), 1)
  await auth.users.updateOne({ email: adminEmail }, { $set: { role: 'ADMIN' } })
})

t.test('a login that races a change of role never leaves a living session with the old role', async t => {
  const { token } = await auth.signIn('ADMIN')
  for (let round = 0; round < 6; round++) {
    const { id, email } = await auth.register()
    const logins = Array.from({ length: 4 }, async (_, index) => {
      await sleep(index * 2)
      return (await auth.login(email)).claims
    })
    await sleep(round)
    const change = await giveRole(id, 'OPERATOR', token)
    const claims = await Promise.all(logins)
    const living = await auth.sessions.distinct('_id', { userId: id, endedAt: { $exists: false } })
    const roles = claims.filter(({ sid }) => living.includes(sid)).map(({ role }) => role)
    t.strictSame([change.status, ...roles], [200, ...roles.map(() => 'OPERATOR')], `round ${round}`)
  }
})

t.test('200: a role that changes before a login has written its session is the one that the token has', async t => {
  const { token } = await auth.signIn('ADMIN')
  const { id, email } = await auth.register()
  const { reached, open } = gate.hold('insert', 'sessions')
  const login = auth.login(email)
  await reached
  t.equal((await giveRole(id, 'OPERATOR', token)).status, 200)
  open()
  const { claims, user } = await login
  t.match([claims['role'], user.role], ['OPERATOR', 'OPERATOR'])
  t.match(await auth.sessions.findOne({ _id: claims['sid'] }), { endedAt: undefined })
})

t.test('a session that begins while a role is about to be written ends with the change', async t => {
  const { token } = await auth.signIn('ADMIN')
  const { id, email } = await auth.register()
  const { reached, open } = gate.hold('update', 'users')
  const change = giveRole(id, 'OPERATOR', token)
  await reached
  const { claims } = await auth.login(email)
  t.equal(claims['role'], 'USER')
  open()
  t.equal((await change).status, 200)
  t.match(await auth.sessions.findOne({ _id: claims['sid'] }), { endedAt: Date })
})

t.test('401: an account that is disabled, or gone, before a login has written its session gets none that lives', async t => {
  for (const takeAway of [
    async (_id: string) => await auth.users.updateOne({ _id }, { $set: { status: 'DISABLED' } }),
    async (_id: string) => await auth.users.deleteOne({ _id })
  ]) {
    const { id, email } = await auth.register()
    const { reached, open } = gate.hold('findAndModify', 'users')
    const login = auth.tryLogin(email)
    await reached
    await takeAway(id)
    open()
    t.match(await login, { status: 401, body: { code: 'INVALID_CREDENTIALS' } })
    t.match(await auth.sessions.find({ userId: id }).toArray(), [{ endedAt: Date }])
  }
})
