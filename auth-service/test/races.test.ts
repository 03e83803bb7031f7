import { setTimeout as sleep } from 'node:timers/promises'
import bcrypt from 'bcryptjs'
import t from 'tap'
import { adminEmail, password, readToken, startAuth } from '../../test/kit/auth.ts'
import { eventually } from '../../test/kit/eventually.ts'
import { preHash } from '../src/domain/password.ts'

const auth = await startAuth(t)

/** Puts a hash in the place of a user's own that takes about half a second to compare. Resolves once a login has read it. */
async function slowDown (userId: string): Promise<() => Promise<void>> {
  await auth.users.updateOne({ _id: userId }, { $set: { passwordHash: await bcrypt.hash(preHash(password), 12) } })
  await auth.db.command({ profile: 2 })
  return async () => {
    const user = await auth.users.findOne({ _id: userId })
    await eventually(async () => await auth.db.collection('system.profile').findOne({ 'command.find': 'users', 'command.filter.email': user?.['email'] }))
    await auth.db.command({ profile: 0 })
  }
}

t.test('409: of two ADMINs who demote each other at the same instant one stays, each time', async t => {
  const [one, two] = [await auth.signIn('ADMIN'), await auth.signIn('ADMIN')]
  const demote = async (by: typeof one, whom: typeof one) =>
    await auth.call('PATCH', `/v1/users/${whom.user.id}`, { token: by.token, body: { role: 'USER' } })

  for (let round = 0; round < 12; round++) {
    await auth.users.updateMany({ role: 'ADMIN' }, { $set: { role: 'USER' } })
    await auth.users.updateMany({ _id: { $in: [one.user.id, two.user.id] } }, { $set: { role: 'ADMIN' } })
    // The very first change of a platform makes the document where they meet.
    if (round % 2 === 0) await auth.db.collection('guards').deleteMany({})
    const answers = await Promise.all([demote(one, two), demote(two, one)])
    t.same(answers.map(({ status }) => status).sort(), [200, 409], `round ${round}`)
    t.match(answers.find(({ status }) => status === 409)?.body, { code: 'LAST_ADMIN' })
    t.equal(await auth.users.countDocuments({ role: 'ADMIN' }), 1)
  }
  await auth.users.updateOne({ email: adminEmail }, { $set: { role: 'ADMIN' } })
})

t.test('a login that races a change of role never leaves a living session with the old role', async t => {
  const { token } = await auth.signIn('ADMIN')
  let [alive, ended] = [0, 0]
  for (let round = 0; round < 20; round++) {
    const { id, email } = await auth.register()
    const logins = Array.from({ length: 5 }, async (_, index) => {
      await sleep(index * 2)
      return (await auth.login(email)).claims
    })
    await sleep(round % 10)
    const change = await auth.call('PATCH', `/v1/users/${id}`, { token, body: { role: 'OPERATOR' } })
    if (change.status !== 200) throw new Error(`the change answered ${change.status}`)
    const claims = await Promise.all(logins)
    const living = await auth.sessions.distinct('_id', { userId: id, endedAt: { $exists: false } })
    const roles = claims.filter(({ sid }) => living.includes(sid)).map(({ role }) => role)
    t.same(roles, roles.map(() => 'OPERATOR'), `round ${round}`)
    alive += living.length
    ended += claims.length - living.length
  }
  t.ok(alive > 0 && ended > 0, `${alive} logins came after the change, ${ended} before or during it`)
})

t.test('401: an account that is disabled while its password is compared gets no session', async t => {
  const user = await auth.register()
  const isRead = await slowDown(user.id)
  const login = auth.tryLogin(user.email)
  await isRead()
  await auth.users.updateOne({ _id: user.id }, { $set: { status: 'DISABLED' } })
  t.match(await login, { status: 401, body: { code: 'INVALID_CREDENTIALS' } })
  t.match(await auth.sessions.find({ userId: user.id }).toArray(), [{ endedAt: Date }], 'the one that was begun has ended')
})

t.test('401: so does an account that is gone by then', async t => {
  const user = await auth.register()
  const isRead = await slowDown(user.id)
  const login = auth.tryLogin(user.email)
  await isRead()
  await auth.users.deleteOne({ _id: user.id })
  t.match(await login, { status: 401, body: { code: 'INVALID_CREDENTIALS' } })
  t.match(await auth.sessions.find({ userId: user.id }).toArray(), [{ endedAt: Date }])
})

t.test('200: a role that changes while the password is compared is the one that the token has', async t => {
  const { token } = await auth.signIn('ADMIN')
  const user = await auth.register()
  const isRead = await slowDown(user.id)
  const login = auth.tryLogin(user.email)
  await isRead()
  t.equal((await auth.call('PATCH', `/v1/users/${user.id}`, { token, body: { role: 'AUDITOR' } })).status, 200)
  const { status, body } = await login
  t.match({ status, body }, { status: 200, body: { user: { role: 'AUDITOR' } } })
  t.match(readToken(body.accessToken).claims, { role: 'AUDITOR' })
})
