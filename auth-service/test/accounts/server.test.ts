import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { startBuilt, startChild } from '../../../test/kit/child.ts'
import { createCall } from '../../../test/kit/client.ts'
import { ownDatabase } from '../../../test/kit/database.ts'
import { startMongoGate } from '../../../test/kit/mongo-gate.ts'
import { freePort } from '../../../test/kit/ports.ts'
import { readConfig } from '../../src/config.ts'

const server = new URL('../../src/server.ts', import.meta.url)

t.test('a kill between the password\'s file and the account loses nothing: the next start makes the account and prints it', async t => {
  const database = ownDatabase(t, 'auth')
  const gate = await startMongoGate(t, database.uri)
  const port = await freePort()
  const dataDir = t.testdir({})
  const env = {
    AUTH_PORT: String(port), AUTH_MONGODB_URI: gate.uri, DATA_DIR: dataDir, ADMIN_PASSWORD: '', BCRYPT_COST: '4', LOG_LEVEL: 'silent', EVENT_URL: 'http://127.0.0.1:1'
  }
  const users = database.client.db(database.name).collection('users')

  const { reached } = gate.hold('insert', 'users')
  const killed = startBuilt(t, 'auth-service', env)
  await reached
  killed.process.kill('SIGKILL')
  await killed.exited
  t.equal(await users.countDocuments({}), 0)
  t.equal(killed.stdout(), '')
  const made = readFileSync(join(dataDir, 'first-admin-password'), 'utf8')

  const next = startChild(t, server, env)
  await next.answers(`http://127.0.0.1:${port}/health/ready`)
  t.equal(next.stdout(), `First ADMIN: admin@example.com  password: ${made}\n`)
  t.match(await users.find({}).toArray(), [{ email: 'admin@example.com', role: 'ADMIN' }])

  const body = { email: 'admin@example.com', password: made }
  t.match(await createCall(`http://127.0.0.1:${port}`)('POST', '/v1/auth/login', { body }), { status: 200, body: { user: { role: 'ADMIN' } } })

  next.process.kill('SIGTERM')
  t.strictSame(await next.exited, { code: 0, signal: null }, 'and asked to end, it ends well')
})

t.test('what cannot start says why in one line and exits with 1', async t => {
  const database = ownDatabase(t, 'auth')
  const child = startBuilt(t, 'auth-service', { AUTH_PORT: '0', AUTH_MONGODB_URI: database.uri, DATA_DIR: t.testdir({}), ADMIN_PASSWORD: 'password123', LOG_LEVEL: 'silent' })
  t.strictSame(await child.exited, { code: 1, signal: null })
  t.equal(child.stderr(), 'laurel auth-service: ADMIN_PASSWORD: the password is one of the most common passwords\n')
  t.equal(await database.client.db(database.name).collection('users').countDocuments({}), 0)
})

t.test('the settings of the README are the ones that are read, with their defaults', async t => {
  t.strictSame(readConfig({ MONGODB_URI: 'mongodb://127.0.0.1/' }), {
    HOST: '127.0.0.1',
    AUTH_PORT: 3001,
    EVENT_URL: 'http://127.0.0.1:3002',
    MONGODB_URI: 'mongodb://127.0.0.1/',
    DATA_DIR: '.data',
    JWT_ISSUER: 'laurel',
    JWT_AUDIENCE: 'laurel-api',
    ACCESS_TOKEN_TTL: 900,
    REFRESH_TOKEN_TTL: 2_592_000,
    REFRESH_IDLE_TTL: 1_209_600,
    ADMIN_EMAIL: 'admin@example.com',
    BCRYPT_COST: 12,
    LOG_LEVEL: 'info',
    mongoUri: 'mongodb://127.0.0.1/'
  })
  t.match(readConfig({ MONGODB_URI: 'mongodb://common/', AUTH_MONGODB_URI: 'mongodb://own/' }), { mongoUri: 'mongodb://own/' })
})

t.test('a bad setting stops the start with one line that names it and never its value', async t => {
  const uri = { MONGODB_URI: 'mongodb://127.0.0.1/' }
  for (const [name, value] of [
    ['BCRYPT_COST', '3'], ['BCRYPT_COST', '16'], ['BCRYPT_COST', 'twelve'], ['ACCESS_TOKEN_TTL', '9'], ['REFRESH_TOKEN_TTL', '59'], ['REFRESH_IDLE_TTL', '0'], ['AUTH_PORT', '65536'],
    ['ADMIN_EMAIL', 'nobody'], ['ADMIN_PASSWORD', 'seven77'], ['EVENT_URL', 'event-service'], ['LOG_LEVEL', 'loud'], ['AUTH_MONGODB_URI', 'http://value-of-it/']
  ] as const) {
    const found = t.throws(() => readConfig({ ...uri, [name]: value }), { name: 'StartupError', message: new RegExp(`^Configuration: ${name} [^\\n]+$`) }, `${name} ${value}`)
    t.notMatch(String(found), new RegExp(`seven77|value-of-it|${value.length > 4 ? value : 'nothing else'}`))
  }
  t.throws(() => readConfig({}), { name: 'StartupError', message: /^Configuration: MONGODB_URI or AUTH_MONGODB_URI is required/ })
})
