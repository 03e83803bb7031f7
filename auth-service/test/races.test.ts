import { setTimeout as sleep } from 'node:timers/promises'
import bcrypt from 'bcryptjs'
import t from 'tap'
import { adminEmail, password, readToken, startAuth } from '../../test/kit/auth.ts'
import { eventually } from '../../test/kit/eventually.ts'
import { preHash } from '../src/domain/password.ts'

const auth = await startAuth(t)

await auth.db.command({ profile: 2 })

/** Waits until MongoDB has done this for auth-service. */
async function isDone (operation: object): Promise<void> {
  await eventually(async () => await auth.db.collection('system.profile').findOne(operation))
}

// Of the same password, and takes some tenths of a second to compare.
const slowHash = await bcrypt.hash(preHash(password), 12)

/** Somebody whose login has read the account and compares the password now. */
async function startLogin () {
  const user = await auth.register()
  await auth.users.updateOne({ _id: user.id }, { $set: { passwordHash: slowHash } })
  const login = auth.tryLogin(user.email)
  await isDone({ 'command.find': 'users', 'command.filter.email': user.email })
  return { user, login }
}

const sum = { $reduce: { input: { $range: [0, 1_000_000] }, initialValue: { $strLenBytes: '$userId' }, in: { $add: ['$$value', 1] } } }
/** A rule that everything keeps, and that takes MongoDB some tenths of a second to look at. */
const slowRule = { $expr: { $and: [1, 2, 3].map(() => ({ $gte: [sum, 0] })) } }

t.test('409: of two ADMINs who demote each other at the same instant one stays, each time', async t => {
  const [one, two] = [await auth.signIn('ADMIN'), await auth.signIn('ADMIN')]
  const demote = async (by: typeof one, whom: typeof one) =>
    await auth.call('PATCH', `/v1/users/${whom.user.id}`, { token: by.token, body: { role: 'USER' } })

  for (let round = 0; round < 8; round++) {
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
  for (let round = 0; round < 12; round++) {
    const { id, email } = await auth.register()
    const logins = Array.from({ length: 4 }, async (_, index) => {
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

t.test('a role that changes while a login writes its session is never missed by both', async t => {
  const { token } = await auth.signIn('ADMIN')
  const { id, email } = await auth.register()
  await auth.db.command({ collMod: 'sessions', validator: slowRule })
  const login = auth.login(email)
  await isDone({ 'command.findAndModify': 'users', 'command.query._id': id })
  await sleep(30)
  t.equal((await auth.call('PATCH', `/v1/users/${id}`, { token, body: { role: 'OPERATOR' } })).status, 200)
  const { claims } = await login
  await auth.db.command({ collMod: 'sessions', validator: {} })
  const session = await auth.sessions.findOne({ _id: claims['sid'] })
  t.ok(session?.['endedAt'] !== undefined || claims['role'] === 'OPERATOR')
})

t.test('200: a role that changes while the password is compared is the one that the token has', async t => {
  const { token } = await auth.signIn('ADMIN')
  const { user, login } = await startLogin()
  t.equal((await auth.call('PATCH', `/v1/users/${user.id}`, { token, body: { role: 'AUDITOR' } })).status, 200)
  const { status, body } = await login
  t.match({ status, body }, { status: 200, body: { user: { role: 'AUDITOR' } } })
  t.match(readToken(body.accessToken).claims, { role: 'AUDITOR' })
})

t.test('401: an account that is disabled while its password is compared gets no session', async t => {
  const { user, login } = await startLogin()
  await auth.users.updateOne({ _id: user.id }, { $set: { status: 'DISABLED' } })
  t.match(await login, { status: 401, body: { code: 'INVALID_CREDENTIALS' } })
  t.match(await auth.sessions.find({ userId: user.id }).toArray(), [{ endedAt: Date }], 'the one that was begun has ended')
})

t.test('401: so does an account that is gone by then', async t => {
  const { user, login } = await startLogin()
  await auth.users.deleteOne({ _id: user.id })
  t.match(await login, { status: 401, body: { code: 'INVALID_CREDENTIALS' } })
  t.match(await auth.sessions.find({ userId: user.id }).toArray(), [{ endedAt: Date }])
})
