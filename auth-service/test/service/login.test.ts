import t from 'tap'
import { password, startAuth } from '../../../test/kit/servers/auth.ts'
import { dataDirOf } from '../../../test/kit/tokens/data-dir.ts'
import { ownDatabase } from '../../../test/kit/mongo/database.ts'
import { eventually } from '../../../test/kit/run/eventually.ts'
import { startMongoLine } from '../../../test/kit/mongo/line.ts'
import { hashPassword, unmatchableHash } from '../../src/passwords/bcrypt.ts'
import { countRoundsInThreads } from '../support/bcrypt-rounds.ts'
import { auth, database as sharedDatabase } from './shared.ts'

t.test('200: tokens, their lifetime and the user', async t => {
  const user = await auth.register({ name: 'Kim' })
  const { status, headers, body } = await auth.tryLogin(user.email)
  const { accessToken, refreshToken } = body
  t.equal(status, 200)
  t.strictSame(body, { accessToken, tokenType: 'Bearer', expiresIn: 900, refreshToken, user })
  t.match(body, { accessToken: /^[\w-]+\.[\w-]+\.[\w-]+$/, refreshToken: /^[\w-]+\.0\.[\w-]+$/ })
  t.equal(headers.get('cache-control'), 'no-store')
})

t.test('200: the session is stored and lives for REFRESH_TOKEN_TTL', async t => {
  const user = await auth.register()
  const { claims } = await auth.login(user.email)
  const session = await auth.sessions.findOne({ _id: claims['sid'] })
  t.match(session, { userId: user.id, generation: 0, createdAt: Date, endedAt: undefined })
  t.equal(session?.['expiresAt'].getTime() - session?.['createdAt'].getTime(), 2_592_000_000)
})

t.test('200: every login starts its own session', async t => {
  const { email } = await auth.register()
  const [one, two] = [await auth.login(email), await auth.login(email)]
  t.not(one.claims['sid'], two.claims['sid'])
  t.not(one.claims['jti'], two.claims['jti'])
  t.not(one.refreshToken, two.refreshToken)
})

t.test('200: the email address is case-insensitive', async t => {
  const { email } = await auth.register()
  t.equal((await auth.tryLogin(email.toUpperCase())).status, 200)
})

t.test('200: a password is accepted in any Unicode form', async t => {
  const { email } = await auth.register({ password: 'cr\u00e8me br\u00fbl\u00e9e' })
  t.equal((await auth.tryLogin(email, 'cre\u0300me bru\u0302le\u0301e')).status, 200)
  t.equal((await auth.tryLogin(email, 'creme brulee')).status, 401)
})

t.test('401: the response is the same for an unknown address, a wrong password and a disabled account', async t => {
  const user = await auth.register()
  const disabled = await auth.register()
  await auth.users.updateOne({ _id: disabled.id }, { $set: { status: 'DISABLED' } })
  const answers = [
    await auth.tryLogin('nobody@example.com'),
    await auth.tryLogin(user.email, 'a long walk by the lake'),
    await auth.tryLogin(disabled.email),
    await auth.tryLogin(disabled.email, 'a long walk by the lake')
  ]
  const seen = answers.map(({ status, headers, body: { requestId, ...body } }) => {
    t.equal(headers.get('x-request-id'), requestId)
    const { date, 'x-request-id': _, ...others } = Object.fromEntries(headers)
    return { status, headers: others, body }
  })
  const expected = { status: 401, headers: { 'www-authenticate': 'Bearer' }, body: { code: 'INVALID_CREDENTIALS' } }
  t.match(seen[0], expected)
  for (const other of seen.slice(1)) t.strictSame(other, seen[0])
  t.equal(await auth.sessions.countDocuments({ userId: { $in: [user.id, disabled.id] } }), 0)
})

t.test('401: byte 73 of a password counts, although bcrypt itself reads only 72', async t => {
  const beginning = 'The quick brown fox jumps over the lazy dog, and then it goes to sleep, '
  t.equal(Buffer.byteLength(beginning), 72)
  const { email } = await auth.register({ password: `${beginning}well` })
  t.equal((await auth.tryLogin(email, `${beginning}ill`)).status, 401)
  t.equal((await auth.tryLogin(email, beginning)).status, 401)
  t.equal((await auth.tryLogin(email, `${beginning}well`)).status, 200)
})

t.test('401: a password that violates the rules is a wrong password', async t => {
  const { email } = await auth.register()
  for (const given of ['x', 'password', email]) t.equal((await auth.tryLogin(email, given)).status, 401, given)
})

t.test('400: a body that does not consist of two strings is rejected', async t => {
  const { email } = await auth.register()
  const invalid: Array<[body: object, pointer: string]> = [
    [{ email }, '/password'],
    [{ password }, '/email'],
    [{ email, password: '' }, '/password'],
    [{ email: '', password }, '/email'],
    [{ email, password: `${password}\0` }, '/password'],
    [{ email: `${email}\0`, password }, '/email'],
    [{ email, password: '\ud800 alone' }, '/password'],
    [{ email, password: 'x'.repeat(257) }, '/password'],
    [{ email: { $gt: '' }, password }, '/email'],
    [{ email, password: { $ne: '' } }, '/password'],
    [{ email, password, role: 'ADMIN' }, '/role']
  ]
  for (const body of [null, 'text', 7, [email, password]]) {
    t.equal((await auth.call('POST', '/v1/auth/login', { body })).status, 400, JSON.stringify(body))
  }
  for (const [body, pointer] of invalid) {
    const expected = { status: 400, body: { code: 'VALIDATION_FAILED', errors: [{ pointer }] } }
    t.match(await auth.call('POST', '/v1/auth/login', { body }), expected, pointer)
  }
})

t.test('the server responds to other requests while a password is verified at cost 12', async t => {
  const { id, email } = await auth.register()
  await auth.users.updateOne({ _id: id }, { $set: { passwordHash: unmatchableHash(12) } })
  const login = auth.tryLogin(email)
  const isAlive = async (): Promise<undefined> => { await auth.call('GET', '/health/live') }
  let responses = 0
  while (await Promise.race([login, isAlive()]) === undefined) responses += 1
  t.equal((await login).status, 401)
  // If the main thread computed the hash, at most one would get a response.
  t.ok(responses > 2, `${responses} responses in the meantime`)
})

t.test('a login renews only a hash with a lower cost', async t => {
  const { id, email } = await auth.register()
  const storedHash = async (): Promise<string> => (await auth.users.findOne({ _id: id }))?.['passwordHash']
  const store = async (passwordHash: string): Promise<void> => {
    await auth.users.updateOne({ _id: id }, { $set: { passwordHash } })
  }
  const before = await storedHash()
  await auth.login(email)
  t.equal(await storedHash(), before)
  await store(hashPassword(password, 5))
  await auth.login(email)
  t.match(await storedHash(), /^\$2b\$05\$/, 'a higher cost stays')

  const strong = await startAuth(t, { BCRYPT_COST: '6', DATA_DIR: String(auth.env['DATA_DIR']) }, sharedDatabase)
  t.equal((await strong.tryLogin(email, 'wrong')).status, 401)
  t.match(await storedHash(), /^\$2b\$05\$/, 'a wrong password does not renew the hash')
  await strong.login(email)
  t.match(await storedHash(), /^\$2b\$06\$/)
  await strong.login(email)
  t.match(await auth.users.findOne({ _id: id }), { passwordChangedAt: undefined }, 'it is the same password')
})

t.test('401: unknown addresses, disabled accounts and old hashes take as many rounds as wrong passwords', async t => {
  const cost = 8
  const strong = await startAuth(t, { BCRYPT_COST: String(cost) })
  const user = await strong.register()
  const [disabled, other, old] = [await strong.register(), await strong.register(), await strong.register()]
  await strong.users.updateMany({ _id: { $in: [disabled.id, other.id] } }, { $set: { status: 'DISABLED' } })
  await strong.users.updateOne({ _id: old.id }, { $set: { passwordHash: hashPassword(password, 5) } })

  const tries = [
    ['wrong', user.email, 'wrong'],
    ['unknown', 'nobody@example.com', 'wrong'],
    ['disabled', disabled.email, 'wrong'],
    ['disabled and right', other.email, password],
    ['old hash', old.email, 'wrong']
  ] as const
  for (const [what, email, given] of tries) {
    t.equal(await countRoundsInThreads(t, async () => {
      t.equal((await strong.tryLogin(email, given)).status, 401)
    }), 2 ** cost, what)
  }
})

t.test('401: after the cost was lowered, every login takes as many rounds as with the most expensive hash', async t => {
  const database = ownDatabase(t, 'auth')
  const dataDir = { DATA_DIR: dataDirOf(t) }
  const before = await startAuth(t, { ...dataDir, BCRYPT_COST: '8' }, database)
  const { email } = await before.register()
  const after = await startAuth(t, { ...dataDir, BCRYPT_COST: '4' }, database)
  for (const address of [email, 'nobody@example.com']) {
    t.equal(await countRoundsInThreads(t, async () => {
      t.equal((await after.tryLogin(address, 'wrong')).status, 401)
    }), 2 ** 8, address)
  }
})

t.test('503: logins that would wait too long must be retried; the others get a response', async t => {
  const busy = await startAuth(t, {}, ownDatabase(t, 'auth'), { passwordHasher: { threads: 1, queuePerThread: 1 } })
  const { id, email } = await busy.register()
  await busy.users.updateOne({ _id: id }, { $set: { passwordHash: unmatchableHash(11) } })
  const answers = await Promise.all(Array.from({ length: 5 }, async () => await busy.tryLogin(email)))
  const refused = answers.filter(({ status }) => status === 503)
  t.ok(refused.length > 0, `${refused.length} of ${answers.length}`)
  for (const { headers, body } of refused) t.match([headers.get('retry-after'), body.code], ['2', 'TOO_BUSY'])
  t.equal(answers.filter(({ status }) => status === 401).length, answers.length - refused.length)
})

t.test('503: while MongoDB is unavailable, clients must retry; then the login succeeds', async t => {
  const database = ownDatabase(t, 'auth')
  const line = await startMongoLine(t, database.uri)
  const auth = await startAuth(t, { AUTH_MONGODB_URI: line.uri }, database, { mongoTimeout: 1000 })
  const { email } = await auth.register()
  line.cut()
  const { status, headers, body } = await auth.tryLogin(email)
  t.match({ status, body }, { status: 503, body: { code: 'SERVICE_UNAVAILABLE' } })
  t.equal(headers.get('retry-after'), '1')
  t.match(await auth.call('GET', '/health/ready'), { status: 503, body: { checks: { mongodb: 'down' } } })
  t.match(await (await fetch(`${auth.url}/metrics`)).text(), /^laurel_hash_queue 0$/m, 'other metrics are served')
  line.mend()
  await eventually(async () => (await auth.tryLogin(email)).status === 200)
  // The result of a check is kept for a moment.
  const ready = await eventually(async () => await auth.call('GET', '/health/ready').then(answer =>
    answer.status === 200 && answer))
  t.match(ready.body, { checks: { mongodb: 'ok' } })
})
