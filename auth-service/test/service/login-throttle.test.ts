import t from 'tap'
import { password, startAuth, type Stored } from '../../../test/kit/servers/auth.ts'
import { accountKey, addressKey } from '../../src/login-throttle/rules.ts'
import { auth, database } from './shared.ts'

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
  await attempts.updateOne({ _id: accountKey(email).id }, { $set: { until: new Date() } })
}

t.test('429: after several wrong passwords the right one has to wait, too, and then resets the count', async t => {
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

t.test('429: unknown and disabled accounts wait like existing ones, in any spelling of the address', async t => {
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

t.test('429: another auth-service, and one that was restarted, know of the delay', async t => {
  const other = await startAuth(t, { DATA_DIR: String(auth.env['DATA_DIR']) }, database)
  const { email } = await auth.register()
  await guess(email, 6)
  const until = new Date(Date.now() + 900_000)
  await attempts.updateOne({ _id: accountKey(email).id }, { $set: { until } })
  const { status, headers } = await other.tryLogin(email)
  t.equal(status, 429)
  t.ok(Number(headers.get('retry-after')) > 800 && Number(headers.get('retry-after')) <= 900)
})

t.test('a signed-in user is not locked out by the wrong passwords of others', async t => {
  const { user, token, refreshToken } = await auth.signIn('USER')
  await guess(user.email, 6)
  t.equal((await auth.tryLogin(user.email)).status, 429)
  t.equal((await auth.call('POST', '/v1/auth/refresh', { body: { refreshToken } })).status, 200)
  const body = { currentPassword: password, newPassword: 'another walk by the sea' }
  t.equal((await auth.call('PUT', '/v1/users/me/password', { token, body })).status, 204)
})

t.test('429: wrong passwords inside a session delay this session and nobody else', async t => {
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

t.test('429: an address that tries many accounts has to wait, and other addresses do not', async t => {
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
  t.match(stored, { failures: 1005, expiresAt }, 'its window ends, however often somebody is wrong')
})

t.test('what is stored about wrong passwords names nobody', async t => {
  await guess('secret-canary@example.com', 1, '203.0.113.77')
  t.notMatch(JSON.stringify(await attempts.find().toArray()), /canary|example|203\.0/)
})
