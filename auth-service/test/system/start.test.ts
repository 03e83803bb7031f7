import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { startBuilt, startChild } from '../../../test/kit/servers/child.ts'
import { createCall } from '../../../test/kit/http/client.ts'
import { abortTransaction, ownDatabase } from '../../../test/kit/mongo/database.ts'
import { startMongoGate } from '../../../test/kit/mongo/gate.ts'
import { freePort } from '../../../test/kit/servers/ports.ts'

const server = new URL('../../src/server.ts', import.meta.url)

t.test('after a kill between the password file and the account, the next start creates the account', async t => {
  const database = ownDatabase(t, 'auth')
  const gate = await startMongoGate(t, database.uri)
  const port = await freePort()
  const dataDir = t.testdir({})
  const env = {
    AUTH_PORT: String(port),
    AUTH_MONGODB_URI: gate.uri,
    DATA_DIR: dataDir,
    ADMIN_PASSWORD: '',
    BCRYPT_COST: '4',
    LOG_LEVEL: 'silent',
    EVENT_URL: 'http://127.0.0.1:1'
  }
  const users = database.client.db(database.name).collection('users')

  const { reached } = gate.hold('insert', 'users')
  const killed = startBuilt(t, 'auth-service', env)
  const session = await reached
  killed.process.kill('SIGKILL')
  await killed.exited
  await abortTransaction(database.client, session)
  t.equal(await users.countDocuments({}), 0)
  t.equal(killed.stdout(), '')
  const generated = readFileSync(join(dataDir, 'first-admin-password'), 'utf8').trim()

  const next = startChild(t, server, env)
  await next.answers(`http://127.0.0.1:${port}/health/ready`)
  t.equal(next.stdout(), `First ADMIN: admin@example.com  password: ${generated}\n`)
  t.match(await users.find({}).toArray(), [{ email: 'admin@example.com', role: 'ADMIN' }])

  const body = { email: 'admin@example.com', password: generated }
  const call = createCall(`http://127.0.0.1:${port}`)
  t.match(await call('POST', '/v1/auth/login', { body }), { status: 200, body: { user: { role: 'ADMIN' } } })

  next.process.kill('SIGTERM')
  t.strictSame(await next.exited, { code: 0, signal: null }, 'SIGTERM ends it gracefully')
})

t.test('a failed start prints the reason in one line and exits with 1', async t => {
  const database = ownDatabase(t, 'auth')
  const child = startBuilt(t, 'auth-service', {
    AUTH_PORT: '0',
    AUTH_MONGODB_URI: database.uri,
    DATA_DIR: t.testdir({}),
    ADMIN_PASSWORD: 'password123',
    LOG_LEVEL: 'silent'
  })
  t.strictSame(await child.exited, { code: 1, signal: null })
  t.equal(child.stderr(), 'laurel auth-service: ADMIN_PASSWORD: the password is one of the most common passwords\n')
  t.equal(await database.client.db(database.name).collection('users').countDocuments({}), 0)
})
