import t from 'tap'
import { password, startAuth, type Stored } from '../../../test/kit/servers/auth.ts'
import { accountKey, addressKey } from '../../src/login-throttle/rules.ts'
import { auth, database, gate, stopClock } from './shared.ts'

const attempts = auth.db.collection<Stored>('attempts')
const tooMany = { status: 429, body: { code: 'TOO_MANY_ATTEMPTS' } }
const sixWrong = Array.from({ length: 6 }, () => 401)

/** Tries wrong passwords and returns the statuses. */
async function guess (email: string, times: number, from = '127.0.0.1') {
  const statuses: number[] = []
  for (let n = 0; n < times; n++) {
    const { status } = await auth.call('POST', '/v1/auth/login', {
      body: { email, password: `guess ${n}` }, headers: { 'x-forwarded-for': from }
    })
    statuses.push(status)
  }
  return statuses
}

/** Ends the delay of an account. */
async function endDelay (email: string): Promise<void> {
  await attempts.updateOne({ _id: accountKey(email).id }, { $set: { until: new Date(0) } })
}

t.test('429: after several wrong passwords, the correct one is also delayed, and then resets the count', async t => {
  stopClock()
  const { email } = await auth.register()
  t.same(await guess(email, 6), sixWrong)
  const { status, headers, body } = await auth.tryLogin(email)
  t.match({ status, body }, tooMany)
  t.equal(headers.get('retry-after'), '1')
  await endDelay(email)
  t.same(await guess(email, 2), [401, 429])
  const stored = await attempts.findOne({ _id: accountKey(email).id })
  t.match(stored, { failures: 7 }, 'an attempt that was not verified does not count')
  await endDelay(email)
  t.equal((await auth.tryLogin(email)).status, 200)
  t.equal(await attempts.findOne({ _id: accountKey(email).id }), null)
})

t.test('429: unknown and disabled accounts are delayed like existing ones, in any spelling of the address', async t => {
  stopClock()
  const known = await auth.register()
  const disabled = await auth.register()
  await auth.users.updateOne({ _id: disabled.id }, { $set: { status: 'DISABLED' } })
  const seen = []
  for (const email of [known.email, disabled.email, 'guessed-nobody@example.com']) {
    t.same(await guess(email, 6), sixWrong, email)
    const { status, headers, body: { requestId, ...body } } = await auth.tryLogin(email.toUpperCase(), 'wrong')
    seen.push({ status, body, retryAfter: headers.get('retry-after') })
  }
  t.match(seen[0], { ...tooMany, retryAfter: '1' })
  for (const other of seen) t.strictSame(other, seen[0])
})

t.test('429: the delay also applies in another auth-service, and after a restart', async t => {
  const other = await startAuth(t, { DATA_DIR: String(auth.env['DATA_DIR']) }, database)
  const { email } = await auth.register()
  await guess(email, 6)
  const until = new Date(Date.now() + 900_000)
  await attempts.updateOne({ _id: accountKey(email).id }, { $set: { until } })
  const { status, headers } = await other.tryLogin(email)
  t.equal(status, 429)
  t.ok(Number(headers.get('retry-after')) > 800 && Number(headers.get('retry-after')) <= 900)
})

t.test('a logged-in user is not locked out by wrong passwords of others', async t => {
  stopClock()
  const { user, token, refreshToken } = await auth.signIn('USER')
  await guess(user.email, 6)
  t.equal((await auth.tryLogin(user.email)).status, 429)
  t.equal((await auth.call('POST', '/v1/auth/refresh', { body: { refreshToken } })).status, 200)
  const body = { currentPassword: password, newPassword: 'another walk by the sea' }
  t.equal((await auth.call('PUT', '/v1/users/me/password', { token, body })).status, 204)
})

t.test('429: wrong passwords within a session delay only this session', async t => {
  stopClock()
  const { user, token } = await auth.signIn('USER')
  const statuses = []
  for (let n = 0; n < 4; n++) {
    const change = { currentPassword: `guess ${n}`, newPassword: 'a walk of a thief' }
    statuses.push((await auth.call('PUT', '/v1/users/me/password', { token, body: change })).status)
    const body = { password: `guess ${n}` }
    statuses.push((await auth.call('POST', '/v1/users/me/delete', { token, body })).status)
  }
  t.same(statuses, [...sixWrong, 429, 429])
  t.equal((await auth.tryLogin(user.email)).status, 200)
})

t.test('429: an address that tries many accounts is delayed; other addresses are not', async t => {
  stopClock()
  const { email } = await auth.register()
  const from = '198.51.100.7'
  const login = async (address: string): Promise<number> => {
    const headers = { 'x-forwarded-for': address }
    return (await auth.call('POST', '/v1/auth/login', { body: { email, password }, headers })).status
  }
  t.same(await guess('spray-1@example.com', 1, from), [401])
  await attempts.updateOne({ _id: addressKey(from).id }, { $set: { failures: 1004 } })
  const { expiresAt } = await attempts.findOne({ _id: addressKey(from).id }) as Stored
  t.same(await guess('spray-2@example.com', 2, from), [401, 429])
  t.same([await login(from), await login('198.51.100.8')], [429, 200])
  const stored = await attempts.findOne({ _id: addressKey(from).id })
  t.match(stored, { failures: 1005, expiresAt }, 'its window ends, regardless of the number of wrong passwords')
})

t.test('the stored counts of wrong passwords contain no personal data', async t => {
  await guess('secret-canary@example.com', 1, '203.0.113.77')
  t.notMatch(JSON.stringify(await attempts.find().toArray()), /canary|example|203\.0/)
})

/** Sends concurrent wrong passwords from eight addresses, and counts the responses. */
async function guessAtOnce (email: string, times: number, call = auth.call): Promise<Record<number, number>> {
  const answers = await Promise.all(Array.from({ length: times }, async (_, n) =>
    await call('POST', '/v1/auth/login', {
      body: { email, password: `guess ${n}` }, headers: { 'x-forwarded-for': `192.0.2.${n % 8}` }
    })))
  const counts: Record<number, number> = {}
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

t.test('429: of 30 concurrent wrong passwords, only the free ones and one more are verified', async t => {
  for (const email of [(await auth.register()).email, 'many-nobody@example.com']) {
    stopClock()
    t.same(await guessAtOnce(email, 30), { 401: 6, 429: 24 }, email)
  }
})

t.test('429: of concurrent wrong passwords at two auth-services, the free ones and one more are verified', async t => {
  const stopped = stopClock()
  const options = { now: () => stopped }
  const other = await startAuth(t, { DATA_DIR: String(auth.env['DATA_DIR']) }, database, options)
  const { email } = await auth.register()
  const [one, two] = await Promise.all([guessAtOnce(email, 20), guessAtOnce(email, 20, other.call)])
  t.equal((one?.[401] ?? 0) + (two?.[401] ?? 0), 6)
})

t.test('429: a burst from eight addresses is not verified during a delay; after it, one attempt is', async t => {
  const { email } = await auth.register()
  await guess(email, 6)
  const until = new Date(Date.now() + 900_000)
  await attempts.updateOne({ _id: accountKey(email).id }, { $set: { until } })
  t.same(await guessAtOnce(email, 24), { 429: 24 })
  await endDelay(email)
  stopClock()
  t.same(await guessAtOnce(email, 24), { 401: 1, 429: 23 })
})

t.test('200: concurrent correct passwords all succeed and are not counted', async t => {
  const { email } = await auth.register()
  await guess(email, 3)
  const answers = await Promise.all(Array.from({ length: 20 }, async () => await auth.tryLogin(email)))
  t.same(new Set(answers.map(({ status }) => status)), new Set([200]))
  t.equal(await attempts.findOne({ _id: accountKey(email).id }), null)
})

t.test('an attempt is counted before its password is verified, and uncounted if it is correct', async t => {
  const { email } = await auth.register()
  const from = '203.0.113.9'
  await guess('somebody-else@example.com', 2, from)
  const { reached, open } = gate.hold('find', 'users')
  const login = auth.call('POST', '/v1/auth/login', {
    body: { email, password }, headers: { 'x-forwarded-for': from }
  })
  await reached
  t.match(await attempts.findOne({ _id: accountKey(email).id }), { failures: 1 })
  t.match(await attempts.findOne({ _id: addressKey(from).id }), { failures: 3 })
  open()
  t.equal((await login).status, 200)
  t.equal(await attempts.findOne({ _id: accountKey(email).id }), null)
  t.match(await attempts.findOne({ _id: addressKey(from).id }), { failures: 2 }, 'an address is not reset')
})

t.test('503: an attempt whose password was not verified is not counted', async t => {
  const options = { passwordHasher: { threads: 1, queuePerThread: 0 } }
  const busy = await startAuth(t, { DATA_DIR: String(auth.env['DATA_DIR']) }, database, options)
  const { email } = await auth.register()
  await guess(email, 5)
  t.equal((await busy.tryLogin(email)).status, 503)
  t.match(await attempts.findOne({ _id: accountKey(email).id }), { failures: 5, until: undefined, heldBy: undefined })
})

t.test('429: an attempt waits for the one that is being verified, and eventually gives up', async t => {
  const options = { loginThrottle: { maxWait: 100, maxVerifyTime: 60_000 } }
  const other = await startAuth(t, { DATA_DIR: String(auth.env['DATA_DIR']) }, database, options)
  const { email } = await auth.register()
  await guess(email, 5)
  const { reached, open } = gate.hold('find', 'users')
  const first = auth.tryLogin(email)
  await reached
  const second = await other.tryLogin(email)
  t.match(second, tooMany)
  t.equal(second.headers.get('retry-after'), '1')
  const third = auth.tryLogin(email)
  open()
  t.same([(await first).status, (await third).status], [200, 200])
})

t.test('429: an address beyond its free attempts verifies one at a time, too', async t => {
  const from = '198.51.100.99'
  await guess('address-nobody@example.com', 1, from)
  await attempts.updateOne({ _id: addressKey(from).id }, { $set: { failures: 1000 } })
  stopClock()
  const answers = await Promise.all(Array.from({ length: 20 }, async (_, n) =>
    await auth.call('POST', '/v1/auth/login', {
      body: { email: `address-nobody-${n}@example.com`, password }, headers: { 'x-forwarded-for': from }
    })))
  t.equal(answers.filter(({ status }) => status === 401).length, 1)
  t.equal(answers.filter(({ status }) => status === 429).length, 19)
  t.match(await attempts.findOne({ _id: addressKey(from).id }), { failures: 1001 })
})
