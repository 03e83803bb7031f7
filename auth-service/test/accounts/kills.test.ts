import t from 'tap'
import { adminEmail, password, type Stored } from '../../../test/kit/auth.ts'
import { startBuilt } from '../../../test/kit/child.ts'
import { createCall } from '../../../test/kit/client.ts'
import { dataDirOf } from '../../../test/kit/data-dir.ts'
import { ownDatabase } from '../../../test/kit/database.ts'
import { startMongoGate } from '../../../test/kit/mongo-gate.ts'
import { freePort } from '../../../test/kit/ports.ts'

const database = ownDatabase(t, 'auth')
const gate = await startMongoGate(t, database.uri)
const port = await freePort()
const url = `http://127.0.0.1:${port}`
const call = createCall(url)
const db = database.client.db(database.name)
const env = {
  AUTH_PORT: String(port), AUTH_MONGODB_URI: gate.uri, DATA_DIR: dataDirOf(t), ADMIN_PASSWORD: password, BCRYPT_COST: '4', LOG_LEVEL: 'silent', EVENT_URL: 'http://127.0.0.1:1'
}

async function start () {
  const child = startBuilt(t, 'auth-service', env)
  await child.answers(`${url}/health/ready`)
  return child
}
let child = await start()

/** Kills auth-service while it waits for MongoDB, and starts it again. */
async function killAndStart (answer: Promise<unknown>): Promise<void> {
  child.process.kill('SIGKILL')
  await Promise.all([child.exited, answer.catch(() => undefined)])
  child = await start()
}

async function login (email: string) {
  const { body } = await call('POST', '/v1/auth/login', { body: { email, password } })
  return { token: String(body.accessToken), refreshToken: String(body.refreshToken), sid: String(body.refreshToken).split('.')[0] ?? '' }
}

/** MongoDB keeps the transaction of a client that was killed for a minute, and the database cannot be dropped before. */
async function forgetKilledTransactions (): Promise<void> {
  const admin = database.client.db('admin')
  const left = await admin.aggregate([
    { $currentOp: { allUsers: true, idleSessions: true } }, { $match: { type: 'idleSession', 'transaction.timeOpenMicros': { $gt: 2_000_000 } } }
  ]).toArray()
  if (left.length > 0) await admin.command({ killAllSessionsByPattern: left.map(({ lsid }) => ({ lsid })) })
}

t.test('a kill in the middle of a change leaves all of it or nothing, and every session as it was', async t => {
  for (const [name, command, collection, act] of [
    ['a status', 'update', 'sessions', async (id: string, token: string) => await call('PATCH', `/v1/users/${id}`, { token, body: { status: 'DISABLED' } })],
    ['a role', 'insert', 'audits', async (id: string, token: string) => await call('PATCH', `/v1/users/${id}`, { token, body: { role: 'OPERATOR' } })]
  ] as const) {
    const { body: user } = await call('POST', '/v1/auth/register', { body: { email: `${collection}@example.com`, password } })
    const [admin, person] = [await login(adminEmail), await login(user.email)]
    const { reached } = gate.hold(command, collection)
    const change = act(user.id, admin.token)
    await reached
    await killAndStart(change)
    t.match(await db.collection<Stored>('users').findOne({ _id: user.id }), { role: 'USER', status: 'ACTIVE', version: 1 }, name)
    t.match(await db.collection<Stored>('sessions').findOne({ _id: person.sid }), { endedAt: undefined })
    t.equal(await db.collection('audits').countDocuments({ targetId: user.id }), 0)
    t.match((await call('GET', '/v1/auth/status', { token: person.token })).body, { authenticated: true })
  }
  await forgetKilledTransactions()
})

t.test('a kill around an exchange of a refresh token: asked again, it goes on', async t => {
  for (const [name, command, collection, generation] of [['before it', 'findAndModify', 'sessions', 0], ['after it', 'findAndModify', 'users', 1]] as const) {
    const { refreshToken, sid } = await login(adminEmail)
    const { reached } = gate.hold(command, collection)
    const lost = call('POST', '/v1/auth/refresh', { body: { refreshToken } })
    await reached
    await killAndStart(lost)
    t.match(await db.collection<Stored>('sessions').findOne({ _id: sid }), { generation, endedAt: undefined }, name)
    // However long the restart took on this machine.
    await db.collection<Stored>('sessions').updateOne({ _id: sid }, { $set: { usedAt: new Date() } })
    const { status, body } = await call('POST', '/v1/auth/refresh', { body: { refreshToken } })
    t.equal(status, 200)
    t.match(body.refreshToken, new RegExp(`^${sid}\\.1\\.`))
    t.equal((await call('POST', '/v1/auth/refresh', { body: { refreshToken: body.refreshToken } })).status, 200)
  }
})
