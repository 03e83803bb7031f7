import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connectMongo } from '@laurel/shared/mongo'
import t, { type Test } from 'tap'
import { startAuth } from '../../../test/kit/servers/auth.ts'
import { ownDatabase } from '../../../test/kit/mongo/database.ts'
import { createUser } from '../../src/domain/new-user.ts'
import { createFirstAdmin, type FirstAdminOptions } from '../../src/flows/create-first-admin.ts'
import { createPasswordHasher } from '../../src/passwords/password-hasher.ts'
import { collections, createStores } from '../../src/stores/index.ts'

const passwords = createPasswordHasher(4, { threads: 1 })
t.teardown(passwords.close)

/** Returns an empty platform and a function to start it. */
async function emptyPlatform (t: Test) {
  const { db, close } = await connectMongo(ownDatabase(t, 'admin').uri, 'none', 'test', collections)
  t.teardown(close)
  const { users, newUsers } = createStores(db, () => undefined)
  const dataDir = t.testdir({})
  const printed: string[] = []
  const start = async (options: Partial<FirstAdminOptions> = {}): Promise<void> => {
    const print = (line: string): void => { printed.push(line) }
    const defaults = { email: 'admin@example.com', password: undefined, dataDir, print }
    await createFirstAdmin({ users, newUsers, passwords }, { ...defaults, ...options })
  }
  return { db, users, newUsers, dataDir, printed, start }
}

t.test('an empty platform gets one ADMIN, whose password is printed once and stored in a private file', async t => {
  const { users, dataDir, printed, start } = await emptyPlatform(t)
  await start({ email: 'Boss@Example.com' })
  const file = join(dataDir, 'first-admin-password')
  t.match(readFileSync(file, 'utf8'), /^[\w-]{20}\n$/)
  const generated = readFileSync(file, 'utf8').trim()
  t.equal(statSync(file).mode & 0o777, 0o600)
  t.same(printed, [`First ADMIN: boss@example.com  password: ${generated}`])
  const admin = await users.findByEmail('boss@example.com')
  t.match(admin, { role: 'ADMIN', status: 'ACTIVE', name: null })
  t.equal(await passwords.verify(generated, admin?.passwordHash), true)

  await start({ email: 'Boss@Example.com' })
  t.equal(printed.length, 1)
  t.equal(readFileSync(file, 'utf8').trim(), generated)
})

t.test('ADMIN_PASSWORD is used if it is set, and is neither printed nor written to a file', async t => {
  const { users, dataDir, printed, start } = await emptyPlatform(t)
  await start({ password: 'chosen by the operator' })
  t.same(printed, ['First ADMIN: admin@example.com  with ADMIN_PASSWORD'])
  t.same(readdirSync(dataDir), [])
  const admin = await users.findByEmail('admin@example.com')
  t.match(admin, { role: 'ADMIN' })
  t.equal(await passwords.verify('chosen by the operator', admin?.passwordHash), true)
})

t.test('a platform that has an ADMIN gets no second one, and the password does not change', async t => {
  const { users, printed, start } = await emptyPlatform(t)
  await start({ password: 'chosen by the operator' })
  const before = await users.list({}, {})
  for (const email of ['other@example.com', 'admin@example.com']) await start({ email, password: 'another password' })
  t.same(await users.list({}, {}), before)
  t.equal(printed.length, 1)
})

t.test('a platform whose ADMINs cannot log in gets another first ADMIN', async t => {
  const { db, newUsers, users, printed, start } = await emptyPlatform(t)
  const at = new Date()
  for (const [email, passwordHash] of [['disabled@example.com', 'its own'], [null, null]] as const) {
    await newUsers.insert(createUser({ email, name: null, role: 'ADMIN', invitedBy: null, passwordHash, at }))
  }
  await db.collection('users').updateOne({ email: 'disabled@example.com' }, { $set: { status: 'DISABLED' } })
  await start({ password: 'chosen by the operator' })
  t.equal(printed.length, 1)
  t.match(await users.findByEmail('admin@example.com'), { role: 'ADMIN', status: 'ACTIVE' })
})

t.test('two auth-services that start concurrently with one DATA_DIR create one ADMIN and share one key', async t => {
  const database = ownDatabase(t, 'auth')
  const env = { ADMIN_PASSWORD: '', DATA_DIR: t.testdir({}) }
  const both = await Promise.all([startAuth(t, env, database), startAuth(t, env, database)])
  const printed = both.flatMap(({ printed }) => printed)
  t.equal(printed.length, 1)
  const generated = readFileSync(join(env.DATA_DIR, 'first-admin-password'), 'utf8').trim()
  t.ok(printed[0]?.endsWith(`password: ${generated}`))
  t.equal(await both[0].users.countDocuments({}), 1)
  for (const [issuer, other] of [both, both.toReversed()] as Array<typeof both>) {
    const { token } = await issuer.login('admin@example.com', generated)
    t.equal((await other.call('GET', '/v1/users', { token })).status, 200, 'both accept the tokens of both')
  }
})

t.test('if several processes start with separate DATA_DIRs, one prints a password, and it is valid', async t => {
  const { users, printed, start } = await emptyPlatform(t)
  const dataDirs = Array.from({ length: 4 }, () => t.testdir({}))
  const dirs = dataDirs.map((dir, index) => join(dir, String(index)))
  await Promise.all(dirs.map(async dataDir => { await start({ dataDir }) }))
  t.equal(printed.length, 1)
  const files = dirs.map(dir => join(dir, 'first-admin-password')).filter(file => existsSync(file))
  t.equal(files.length, 1, 'passwords that are not valid are not kept')
  const generated = readFileSync(files[0] ?? '', 'utf8').trim()
  t.same(printed, [`First ADMIN: admin@example.com  password: ${generated}`])
  const { passwordHash } = await users.findByEmail('admin@example.com') ?? {}
  t.equal(await passwords.verify(generated, passwordHash), true)
})

t.test('if several processes start with different addresses, one of them creates the ADMIN', async t => {
  const { users, printed, start } = await emptyPlatform(t)
  await Promise.all(['one', 'two', 'three'].map(async name => {
    await start({ email: `${name}@example.com`, password: 'chosen by the operator' })
  }))
  t.equal(printed.length, 1)
  t.equal((await users.list({}, {})).data.length, 1)
})

t.test('if many processes start concurrently, one creates the ADMIN and the others also succeed', async t => {
  const { users, printed, start } = await emptyPlatform(t)
  await Promise.all(Array.from({ length: 8 }, async () => { await start() }))
  t.equal(printed.length, 1)
  t.equal((await users.list({}, {})).data.length, 1)
})

t.test('a password that was generated before a kill is the password of the account', async t => {
  const { users, dataDir, printed, start } = await emptyPlatform(t)
  writeFileSync(join(dataDir, 'first-admin-password'), 'generated before the kill\n')
  await start()
  t.same(printed, ['First ADMIN: admin@example.com  password: generated before the kill'])
  const { passwordHash } = await users.findByEmail('admin@example.com') ?? {}
  t.equal(await passwords.verify('generated before the kill', passwordHash), true)
})

t.test('a weak password stops the start and creates no account', async t => {
  const { users, dataDir, printed, start } = await emptyPlatform(t)
  for (const [weak, weakness] of [
    ['password123', 'is one of the most common passwords'],
    ['Admin@Example.com', 'must not be the email address'],
    ['short', 'must have 8 to 256 characters'],
    ['', 'must have 8 to 256 characters']
  ] as const) {
    const expected = { name: 'StartupError', message: `ADMIN_PASSWORD: the password ${weakness}` }
    await t.rejects(start({ password: weak }), expected, weakness)
  }
  const file = join(dataDir, 'first-admin-password')
  writeFileSync(file, '')
  const message = `${file}: the password must have 8 to 256 characters`
  await t.rejects(start(), { name: 'StartupError', message }, 'from an empty file')
  t.same(printed, [])
  t.same((await users.list({}, {})).data, [])
})

t.test('the start fails if the address belongs to a USER, because users are not promoted silently', async t => {
  const { users, newUsers, printed, start } = await emptyPlatform(t)
  const user = createUser({
    email: 'admin@example.com', name: null, role: 'USER', invitedBy: null, passwordHash: 'its own', at: new Date()
  })
  await newUsers.insert(user)
  await t.rejects(start({ password: 'chosen by the operator' }), {
    name: 'StartupError',
    message: 'ADMIN_EMAIL: admin@example.com cannot become the first ADMIN: ' +
      'An account with this email address already exists.'
  })
  t.strictSame(await users.find(user.id), user)
  t.same(printed, [])
})

t.test('an error of MongoDB stops the start and does not blame ADMIN_EMAIL', async t => {
  const { db, start } = await emptyPlatform(t)
  await db.command({ collMod: 'users', validator: { email: 'nobody' } })
  const expected = { name: 'MongoServerError', message: 'Document failed validation' }
  await t.rejects(start({ password: 'chosen by the operator' }), expected)
})
