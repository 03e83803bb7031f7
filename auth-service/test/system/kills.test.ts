import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { UUID } from 'mongodb'
import t from 'tap'
import { createCall } from '../../../test/kit/http/client.ts'
import { abortTransaction, ownDatabase } from '../../../test/kit/mongo/database.ts'
import { startMongoGate } from '../../../test/kit/mongo/gate.ts'
import { adminEmail, password, type Stored } from '../../../test/kit/servers/auth.ts'
import { startBuilt, type Child } from '../../../test/kit/servers/child.ts'
import { checkNoSdkIsLoaded, startListingModules } from '../../../test/kit/servers/loaded-modules.ts'
import { freePort } from '../../../test/kit/servers/ports.ts'
import { dataDirOf } from '../../../test/kit/tokens/data-dir.ts'

const database = ownDatabase(t, 'auth')
const gate = await startMongoGate(t, database.uri)
const port = await freePort()
const url = `http://127.0.0.1:${port}`
const call = createCall(url)
const db = database.client.db(database.name)
const users = db.collection<Stored>('users')
const sessions = db.collection<Stored>('sessions')
const dataDir = dataDirOf(t)
const readAdminPassword = (): string => readFileSync(join(dataDir, 'first-admin-password'), 'utf8').trim()
const env = {
  AUTH_PORT: String(port),
  AUTH_MONGODB_URI: gate.uri,
  DATA_DIR: dataDir,
  ADMIN_PASSWORD: '',
  BCRYPT_COST: '4',
  LOG_LEVEL: 'silent',
  EVENT_URL: 'http://127.0.0.1:1'
}

/** Starts auth-service without waiting for it. */
function launch (): Child {
  return startListingModules(t, 'auth-service', env)
}

async function start (): Promise<Child> {
  const child = launch()
  await child.answers(`${url}/health/ready`)
  return child
}
const firstAccount = gate.hold('insert', 'users')
let child = launch()

/** Kills auth-service while it waits for MongoDB. */
async function kill (answers: ReadonlyArray<Promise<unknown>> = []): Promise<void> {
  child.process.kill('SIGKILL')
  await Promise.all([child.exited, ...answers.map(async answer => await answer.catch(() => undefined))])
}

async function login (email: string, password: string) {
  const { body } = await call('POST', '/v1/auth/login', { body: { email, password } })
  const refreshToken = String(body.refreshToken)
  return { token: String(body.accessToken), refreshToken, sid: refreshToken.split('.')[0] ?? '' }
}

t.test('after a kill between the password file and the account, the next start creates the account', async t => {
  const session = await firstAccount.reached
  await kill()
  await abortTransaction(database.client, session)
  t.equal(await users.countDocuments({}), 0)
  t.equal(child.stdout(), '')

  child = await start()
  t.equal(child.stdout(), `First ADMIN: ${adminEmail}  password: ${readAdminPassword()}\n`)
  t.match(await users.find({}).toArray(), [{ email: adminEmail, role: 'ADMIN' }])
  const body = { email: adminEmail, password: readAdminPassword() }
  t.match(await call('POST', '/v1/auth/login', { body }), { status: 200, body: { user: { role: 'ADMIN' } } })
})

t.test('after a kill while four requests wait for MongoDB', async t => {
  const admin = await login(adminEmail, readAdminPassword())
  const changes = await Promise.all(([
    ['a status', 'update', 'sessions', { status: 'DISABLED' }],
    ['a role', 'insert', 'audits', { role: 'OPERATOR' }]
  ] as const).map(async ([name, command, collection, patch]) => {
    const registration = { email: `${collection}@example.com`, password }
    const { body: { id, email } } = await call('POST', '/v1/auth/register', { body: registration })
    return { name, command, collection, patch, id, user: await login(email, password) }
  }))
  const refreshes = await Promise.all(([
    ['before the exchange', 'sessions', 0],
    ['after the exchange', 'users', 1]
  ] as const).map(async ([name, collection, generation]) =>
    ({ name, collection, generation, ...await login(adminEmail, readAdminPassword()) })))

  const answers: Array<Promise<unknown>> = []
  const transactions: UUID[] = []
  for (const { command, collection, id, patch } of changes) {
    const { reached } = gate.hold(command, collection)
    answers.push(call('PATCH', `/v1/users/${id}`, { token: admin.token, body: patch }))
    transactions.push(await reached)
  }
  for (const { collection, refreshToken } of refreshes) {
    const { reached } = gate.hold('findAndModify', collection)
    answers.push(call('POST', '/v1/auth/refresh', { body: { refreshToken } }))
    await reached
  }
  await kill(answers)
  for (const transaction of transactions) await abortTransaction(database.client, transaction)
  child = await start()

  await t.test('either all of a change or nothing is stored, and no other session is affected', async t => {
    for (const { name, id, user } of changes) {
      t.match(await users.findOne({ _id: id }), { role: 'USER', status: 'ACTIVE', version: 1 }, name)
      t.match(await sessions.findOne({ _id: user.sid }), { endedAt: undefined })
      t.equal(await db.collection('audits').countDocuments({ targetId: id }), 0)
      t.match((await call('GET', '/v1/auth/status', { token: user.token })).body, { authenticated: true })
    }
  })

  await t.test('200: a retry of a refresh succeeds', async t => {
    for (const { name, sid, generation, refreshToken } of refreshes) {
      t.match(await sessions.findOne({ _id: sid }), { generation, endedAt: undefined }, name)
      // A slow restart does not exceed the retry window.
      if (generation > 0) await sessions.updateOne({ _id: sid }, { $set: { 'exchanges.0.at': new Date() } })
      const { status, body } = await call('POST', '/v1/auth/refresh', { body: { refreshToken } })
      t.equal(status, 200)
      t.match(body.refreshToken, new RegExp(`^${sid}\\.1\\.`))
      const next = await call('POST', '/v1/auth/refresh', { body: { refreshToken: body.refreshToken } })
      t.equal(next.status, 200)
    }
  })
})

t.test('exit 0: SIGTERM ends it gracefully', async t => {
  child.process.kill('SIGTERM')
  t.strictSame(await child.exited, { code: 0, signal: null })
  await t.test('without a collector no module of the OpenTelemetry SDK is loaded', async t => {
    checkNoSdkIsLoaded(t, child)
  })
})

t.test('a failed start prints the reason in one line and exits with 1', async t => {
  const database = ownDatabase(t, 'auth')
  const child = startBuilt(t, 'auth-service', {
    ...env, AUTH_PORT: '0', AUTH_MONGODB_URI: database.uri, DATA_DIR: t.testdir({}), ADMIN_PASSWORD: 'password123'
  })
  t.strictSame(await child.exited, { code: 1, signal: null })
  t.equal(child.stderr(), 'laurel auth-service: ADMIN_PASSWORD: the password is one of the most common passwords\n')
  t.equal(await database.client.db(database.name).collection('users').countDocuments({}), 0)
})
