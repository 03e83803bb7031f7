import t from 'tap'
import { password, startAuth } from '../../test/kit/auth.ts'
import { ownDatabase } from '../../test/kit/database.ts'
import { eventually } from '../../test/kit/eventually.ts'
import { startMongoLine } from '../../test/kit/mongo-line.ts'

const database = ownDatabase(t, 'auth')
const line = await startMongoLine(t, database.uri)
const auth = await startAuth(t, { AUTH_MONGODB_URI: line.uri }, database)

t.test('200: tokens, their lifetime and the user', async t => {
  const user = await auth.register({ name: 'Kim' })
  const { status, headers, body } = await auth.tryLogin(user.email)
  t.equal(status, 200)
  t.strictSame(body, { accessToken: body.accessToken, tokenType: 'Bearer', expiresIn: 900, refreshToken: body.refreshToken, user })
  t.match(body, { accessToken: /^[\w-]+\.[\w-]+\.[\w-]+$/, refreshToken: /^[\w-]+\.0\.[\w-]+$/ })
  t.equal(headers.get('cache-control'), 'no-store')
})

t.test('200: the session is kept, for as long as REFRESH_TOKEN_TTL says', async t => {
  const user = await auth.register()
  const { claims } = await auth.login(user.email)
  const session = await auth.sessions.findOne({ _id: claims['sid'] })
  t.match(session, { userId: user.id, generation: 0, createdAt: Date, endedAt: undefined })
  t.equal(session?.['expiresAt'].getTime() - session?.['createdAt'].getTime(), 2_592_000_000)
})

t.test('200: every login is a session of its own', async t => {
  const { email } = await auth.register()
  const [one, two] = [await auth.login(email), await auth.login(email)]
  t.not(one.claims['sid'], two.claims['sid'])
  t.not(one.claims['jti'], two.claims['jti'])
  t.not(one.refreshToken, two.refreshToken)
})

t.test('200: the address is found in any case', async t => {
  const { email } = await auth.register()
  t.equal((await auth.tryLogin(email.toUpperCase())).status, 200)
})

t.test('200: a password counts as the same text, however a keyboard composes its letters', async t => {
  const { email } = await auth.register({ password: 'cr\u00e8me br\u00fbl\u00e9e' })
  t.equal((await auth.tryLogin(email, 'cre\u0300me bru\u0302le\u0301e')).status, 200)
  t.equal((await auth.tryLogin(email, 'creme brulee')).status, 401)
})

t.test('401: an unknown address, a wrong password and a disabled account are told apart by nothing', async t => {
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
  t.match(seen[0], { status: 401, headers: { 'www-authenticate': 'Bearer' }, body: { code: 'INVALID_CREDENTIALS' } })
  for (const other of seen.slice(1)) t.strictSame(other, seen[0])
  t.equal(await auth.sessions.countDocuments({ userId: { $in: [user.id, disabled.id] } }), 0)
})

t.test('401: byte 73 of a password counts, where bcrypt alone would stop reading', async t => {
  const beginning = 'The quick brown fox jumps over the lazy dog, and then it goes to sleep, '
  t.equal(Buffer.byteLength(beginning), 72)
  const { email } = await auth.register({ password: `${beginning}well` })
  t.equal((await auth.tryLogin(email, `${beginning}ill`)).status, 401)
  t.equal((await auth.tryLogin(email, beginning)).status, 401)
  t.equal((await auth.tryLogin(email, `${beginning}well`)).status, 200)
})

t.test('401: what could never be chosen is simply not the right password', async t => {
  const { email } = await auth.register()
  for (const given of ['x', 'password', email]) t.equal((await auth.tryLogin(email, given)).status, 401, given)
})

t.test('400: what is no pair of texts is refused before anything is looked up', async t => {
  const { email } = await auth.register()
  const wrong: Array<[body: object, pointer: string]> = [
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
  for (const [body, pointer] of wrong) {
    t.match(await auth.call('POST', '/v1/auth/login', { body }), { status: 400, body: { code: 'VALIDATION_FAILED', errors: [{ pointer }] } }, pointer)
  }
})

t.test('503: while MongoDB is away a login is asked to come back, and then it goes on', async t => {
  const { email } = await auth.register()
  line.cut()
  const { status, headers, body } = await auth.tryLogin(email)
  t.match({ status, body }, { status: 503, body: { code: 'SERVICE_UNAVAILABLE' } })
  t.equal(headers.get('retry-after'), '1')
  t.match(await auth.call('GET', '/health/ready'), { status: 503, body: { checks: { mongodb: 'down' } } })
  t.match(await (await fetch(`${auth.url}/metrics`)).text(), /^laurel_hash_queue 0$/m, 'the metrics go on')
  line.mend()
  await eventually(async () => (await auth.tryLogin(email)).status === 200)
  t.match(await auth.call('GET', '/health/ready'), { status: 200, body: { checks: { mongodb: 'ok' } } })
})
