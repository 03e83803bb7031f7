import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connectMongo } from '@laurel/shared/mongo'
import t, { type Test } from 'tap'
import { startAuth } from '../../../test/kit/auth.ts'
import { ownDatabase } from '../../../test/kit/database.ts'
import { newUser } from '../../src/domain/new-user.ts'
import { ensureFirstAdmin, type FirstAdminOptions } from '../../src/first-admin.ts'
import { createPasswords } from '../../src/passwords.ts'
import { collections } from '../../src/stores/collections.ts'
import { createUserStore } from '../../src/stores/users.ts'

const passwords = createPasswords(8, 1)
t.teardown(passwords.close)

/** An empty platform, and a start that makes its first ADMIN with these options. */
async function emptyPlatform (t: Test) {
  const { db, close } = await connectMongo(ownDatabase(t, 'admin').uri, 'none', 'test', collections)
  t.teardown(close)
  const users = createUserStore(db)
  const dataDir = t.testdir({})
  const printed: string[] = []
  const start = async (options: Partial<FirstAdminOptions> = {}): Promise<void> => {
    await ensureFirstAdmin(users, passwords, { email: 'admin@example.com', password: undefined, dataDir, print: line => { printed.push(line) }, ...options })
  }
  return { users, dataDir, printed, start }
}

t.test('an empty platform gets one ADMIN, whose password is printed once and kept for its owner\'s eyes', async t => {
  const { users, dataDir, printed, start } = await emptyPlatform(t)
  await start({ email: 'Boss@Example.com' })
  const file = join(dataDir, 'first-admin-password')
  const made = readFileSync(file, 'utf8')
  t.match(made, /^[\w-]{20}$/)
  t.equal(statSync(file).mode & 0o777, 0o600)
  t.same(printed, [`First ADMIN: boss@example.com  password: ${made}`])
  const admin = await users.findByEmail('boss@example.com')
  t.match(admin, { role: 'ADMIN', status: 'ACTIVE', name: null })
  t.equal(await passwords.matches(made, admin?.passwordHash), true)

  await start({ email: 'Boss@Example.com' })
  t.equal(printed.length, 1)
  t.equal(readFileSync(file, 'utf8'), made)
})

t.test('ADMIN_PASSWORD is the one that counts: it is neither printed nor written anywhere', async t => {
  const { users, dataDir, printed, start } = await emptyPlatform(t)
  await start({ password: 'chosen by the operator' })
  t.same(printed, ['First ADMIN: admin@example.com  with ADMIN_PASSWORD'])
  t.same(readdirSync(dataDir), [])
  const admin = await users.findByEmail('admin@example.com')
  t.match(admin, { role: 'ADMIN' })
  t.equal(await passwords.matches('chosen by the operator', admin?.passwordHash), true)
})

t.test('a platform that has an ADMIN, whatever its address, gets no other and keeps its password', async t => {
  const { users, printed, start } = await emptyPlatform(t)
  await start({ password: 'chosen by the operator' })
  const before = await users.list({}, {})
  for (const email of ['other@example.com', 'admin@example.com']) await start({ email, password: 'another password' })
  t.same(await users.list({}, {}), before)
  t.equal(printed.length, 1)
})

t.test('two auth-services that start at once on an empty database make one ADMIN and agree on one key', async t => {
  const database = ownDatabase(t, 'auth')
  const env = { ADMIN_PASSWORD: '', BCRYPT_COST: '10', DATA_DIR: t.testdir({}) }
  const both = await Promise.all([startAuth(t, env, database), startAuth(t, env, database)])
  const printed = both.flatMap(({ printed }) => printed)
  t.equal(printed.length, 1)
  const made = readFileSync(join(env.DATA_DIR, 'first-admin-password'), 'utf8')
  t.ok(printed[0]?.endsWith(`password: ${made}`))
  t.equal(await both[0].users.countDocuments({}), 1)
  for (const index of [0, 1]) {
    const { token } = await (both[index] ?? both[0]).login('admin@example.com', made)
    t.equal((await (both[1 - index] ?? both[0]).call('GET', '/v1/users', { token })).status, 200, 'a token of either counts at the other')
  }
})

t.test('of many starts at the same instant one makes the ADMIN, and the others are content', async t => {
  const { users, printed, start } = await emptyPlatform(t)
  await Promise.all(Array.from({ length: 8 }, async () => { await start() }))
  t.equal(printed.length, 1)
  t.equal((await users.list({}, {})).data.length, 1)
})

t.test('a password that was made before a kill is the one that the account gets', async t => {
  const { users, dataDir, printed, start } = await emptyPlatform(t)
  writeFileSync(join(dataDir, 'first-admin-password'), 'made before the kill\n')
  await start()
  t.same(printed, ['First ADMIN: admin@example.com  password: made before the kill'])
  const { passwordHash } = await users.findByEmail('admin@example.com') ?? {}
  t.equal(await passwords.matches('made before the kill', passwordHash), true)
})

t.test('a password that is too easy stops the start, and makes no account', async t => {
  const { users, dataDir, printed, start } = await emptyPlatform(t)
  for (const [easy, why] of [
    ['password123', 'is one of the most common passwords'],
    ['Admin@Example.com', 'must not be the e-mail address'],
    ['short', 'must have 8 to 256 characters'],
    ['', 'must have 8 to 256 characters']
  ] as const) {
    await t.rejects(start({ password: easy }), { name: 'StartupError', message: `ADMIN_PASSWORD: the password ${why}` }, why)
  }
  writeFileSync(join(dataDir, 'first-admin-password'), '')
  await t.rejects(start(), { name: 'StartupError', message: `${join(dataDir, 'first-admin-password')}: the password must have 8 to 256 characters` }, 'from a file that somebody emptied')
  t.same(printed, [])
  t.same((await users.list({}, {})).data, [])
})

t.test('an address that belongs to a USER stops the start: nobody is promoted in silence', async t => {
  const { users, printed, start } = await emptyPlatform(t)
  const user = newUser({ email: 'admin@example.com', name: null, role: 'USER', invitedBy: null, passwordHash: 'its own', at: new Date() })
  await users.insert(user)
  await t.rejects(start({ password: 'chosen by the operator' }), {
    name: 'StartupError', message: 'ADMIN_EMAIL: admin@example.com cannot become the first ADMIN: There is an account with this e-mail address'
  })
  t.strictSame(await users.find(user.id), user)
  t.same(printed, [])
})
