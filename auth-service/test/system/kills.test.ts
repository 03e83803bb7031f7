import t from 'tap'
import { adminEmail, password, type Stored } from '../../../test/kit/servers/auth.ts'
import { startBuilt } from '../../../test/kit/servers/child.ts'
import { createCall } from '../../../test/kit/http/client.ts'
import { dataDirOf } from '../../../test/kit/tokens/data-dir.ts'
import { abortTransaction, ownDatabase } from '../../../test/kit/mongo/database.ts'
import { startMongoGate } from '../../../test/kit/mongo/gate.ts'
import { freePort } from '../../../test/kit/servers/ports.ts'

const database = ownDatabase(t, 'auth')
const gate = await startMongoGate(t, database.uri)
const port = await freePort()
const url = `http://127.0.0.1:${port}`
const call = createCall(url)
const db = database.client.db(database.name)
const env = {
  AUTH_PORT: String(port),
  AUTH_MONGODB_URI: gate.uri,
  DATA_DIR: dataDirOf(t),
  ADMIN_PASSWORD: password,
  BCRYPT_COST: '4',
  LOG_LEVEL: 'silent',
  EVENT_URL: 'http://127.0.0.1:1'
}

async function start () {
  const child = startBuilt(t, 'auth-service', env)
  await child.answers(`${url}/health/ready`)
  return child
}
let child = await start()

/** Kills auth-service while it waits for MongoDB. */
async function kill (answer: Promise<unknown>): Promise<void> {
  child.process.kill('SIGKILL')
  await Promise.all([child.exited, answer.catch(() => undefined)])
}

async function login (email: string) {
  const { body } = await call('POST', '/v1/auth/login', { body: { email, password } })
  const refreshToken = String(body.refreshToken)
  return { token: String(body.accessToken), refreshToken, sid: refreshToken.split('.')[0] ?? '' }
}

t.test('a kill during a change leaves either all of it or nothing, and does not affect other sessions', async t => {
  for (const [name, command, collection, patch] of [
    ['a status', 'update', 'sessions', { status: 'DISABLED' }],
    ['a role', 'insert', 'audits', { role: 'OPERATOR' }]
  ] as const) {
    const registration = { email: `${collection}@example.com`, password }
    const { body: { id, email } } = await call('POST', '/v1/auth/register', { body: registration })
    const [admin, user] = [await login(adminEmail), await login(email)]
    const { reached } = gate.hold(command, collection)
    const change = call('PATCH', `/v1/users/${id}`, { token: admin.token, body: patch })
    const session = await reached
    await kill(change)
    await abortTransaction(database.client, session)
    child = await start()
    const stored = await db.collection<Stored>('users').findOne({ _id: id })
    t.match(stored, { role: 'USER', status: 'ACTIVE', version: 1 }, name)
    t.match(await db.collection<Stored>('sessions').findOne({ _id: user.sid }), { endedAt: undefined })
    t.equal(await db.collection('audits').countDocuments({ targetId: id }), 0)
    t.match((await call('GET', '/v1/auth/status', { token: user.token })).body, { authenticated: true })
  }
})

t.test('200: after a kill during a refresh, a retry succeeds', async t => {
  for (const [name, collection, generation] of [
    ['before the exchange', 'sessions', 0],
    ['after the exchange', 'users', 1]
  ] as const) {
    const { refreshToken, sid } = await login(adminEmail)
    const { reached } = gate.hold('findAndModify', collection)
    const lost = call('POST', '/v1/auth/refresh', { body: { refreshToken } })
    await reached
    await kill(lost)
    child = await start()
    const sessions = db.collection<Stored>('sessions')
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
