import t from 'tap'
import { password, startAuth, type Stored } from '../../test/kit/auth.ts'
import { ownDatabase } from '../../test/kit/database.ts'
import { clientAddress } from '../src/client-address.ts'
import { guessedAccount, guessedAddress, waitAfter } from '../src/domain/guessing.ts'

const database = ownDatabase(t, 'auth')
const auth = await startAuth(t, {}, database)
const attempts = auth.db.collection<Stored>('attempts')
const waits = { status: 429, body: { code: 'TOO_MANY_ATTEMPTS' } }

/** Wrong passwords until the account has to wait, and the answers. */
async function guess (email: string, times: number, from = '127.0.0.1') {
  const statuses: number[] = []
  for (let n = 0; n < times; n++) {
    statuses.push((await auth.call('POST', '/v1/auth/login', { body: { email, password: `guess ${n}` }, headers: { 'x-forwarded-for': from } })).status)
  }
  return statuses
}

/** Lets a wait be over. */
async function passTime (email: string): Promise<void> {
  await attempts.updateOne({ _id: guessedAccount(email).key }, { $set: { until: new Date() } })
}

t.test('the wait begins after five wrong tries, doubles and is never longer than 15 minutes', async t => {
  const { slowing } = guessedAccount('kim@example.com')
  t.same([0, 1, 5, 6, 7, 8, 9, 15, 16, 1000, 1e9].map(failures => waitAfter(failures, slowing) / 1000), [0, 0, 0, 1, 2, 4, 8, 512, 900, 900, 900])
  const shared = guessedAddress('192.0.2.1').slowing
  t.same([1000, 1001, 1002, 1007, 1e9].map(failures => waitAfter(failures, shared) / 1000), [0, 1, 2, 60, 60], 'an address that many share waits late and little')
})

t.test('429 with Retry-After: after several wrong passwords the right one waits, too, and then it resets the count', async t => {
  const { email } = await auth.register()
  t.same(await guess(email, 6), [401, 401, 401, 401, 401, 401])
  const { status, headers, body } = await auth.tryLogin(email)
  t.match({ status, body }, waits)
  t.equal(headers.get('retry-after'), '1')
  await passTime(email)
  t.same(await guess(email, 2), [401, 429])
  t.match(await attempts.findOne({ _id: guessedAccount(email).key }), { failures: 7 }, 'what was not looked at is not counted')
  await passTime(email)
  t.equal((await auth.tryLogin(email)).status, 200)
  t.equal(await attempts.findOne({ _id: guessedAccount(email).key }), null)
})

t.test('429: an unknown and a disabled account wait as one that is there, in any spelling of its address', async t => {
  const known = await auth.register()
  const disabled = await auth.register()
  await auth.users.updateOne({ _id: disabled.id }, { $set: { status: 'DISABLED' } })
  const seen = []
  for (const email of [known.email, disabled.email, 'guessed-nobody@example.com']) {
    t.same(await guess(email, 6), [401, 401, 401, 401, 401, 401], email)
    const { status, headers, body: { requestId, ...body } } = await auth.tryLogin(email.toUpperCase(), 'wrong')
    seen.push({ status, body, retryAfter: headers.get('retry-after') })
  }
  t.match(seen[0], { ...waits, retryAfter: '1' })
  for (const other of seen) t.strictSame(other, seen[0])
})

t.test('429: another auth-service, and one that was restarted, know of the wait', async t => {
  const other = await startAuth(t, { DATA_DIR: String(auth.env['DATA_DIR']) }, database)
  const { email } = await auth.register()
  await guess(email, 6)
  await attempts.updateOne({ _id: guessedAccount(email).key }, { $set: { until: new Date(Date.now() + 900_000) } })
  const { status, headers } = await other.tryLogin(email)
  t.equal(status, 429)
  t.ok(Number(headers.get('retry-after')) > 800 && Number(headers.get('retry-after')) <= 900)
})

t.test('who is signed in is not locked out by a stranger\'s tries', async t => {
  const { user, token, refreshToken } = await auth.signIn('USER')
  await guess(user.email, 6)
  t.equal((await auth.tryLogin(user.email)).status, 429)
  t.equal((await auth.call('POST', '/v1/auth/refresh', { body: { refreshToken } })).status, 200)
  t.equal((await auth.call('PUT', '/v1/users/me/password', { token, body: { currentPassword: password, newPassword: 'another walk by the sea' } })).status, 204)
})

t.test('429: whoever holds a session cannot guess its password either, and locks nobody else out', async t => {
  const { user, token } = await auth.signIn('USER')
  const tries = []
  for (let n = 0; n < 4; n++) {
    tries.push((await auth.call('PUT', '/v1/users/me/password', { token, body: { currentPassword: `guess ${n}`, newPassword: 'a walk of a thief' } })).status)
    tries.push((await auth.call('POST', '/v1/users/me/delete', { token, body: { password: `guess ${n}` } })).status)
  }
  t.same(tries, [401, 401, 401, 401, 401, 401, 429, 429])
  t.equal((await auth.tryLogin(user.email)).status, 200)
})

t.test('429: an address that tries many accounts waits, and others do not', async t => {
  const { email } = await auth.register()
  const from = '198.51.100.7'
  const login = async (address: string) => (await auth.call('POST', '/v1/auth/login', { body: { email, password }, headers: { 'x-forwarded-for': address } })).status
  t.same(await guess('spray-1@example.com', 1, from), [401])
  await attempts.updateOne({ _id: guessedAddress(from).key }, { $set: { failures: 1004 } })
  const { expiresAt } = await attempts.findOne({ _id: guessedAddress(from).key }) as Stored
  t.same(await guess('spray-2@example.com', 2, from), [401, 429])
  t.same([await login(from), await login('198.51.100.8')], [429, 200])
  t.match(await attempts.findOne({ _id: guessedAddress(from).key }), { failures: 1005, expiresAt }, 'its window ends, also where somebody is always wrong')
})

t.test('nothing that is kept about guesses names anybody', async t => {
  await guess('secret-canary@example.com', 1, '203.0.113.77')
  t.notMatch(JSON.stringify(await attempts.find().toArray()), /canary|example|203\.0/)
})

t.test('the address is the one that the gateway tells, and from anywhere else the connection\'s own', async t => {
  const of = (ip: string, forwarded?: string | string[]) => clientAddress({ ip, headers: { 'x-forwarded-for': forwarded } as Record<string, string> })
  for (const gateway of ['127.0.0.1', '10.1.2.3', '172.20.0.5', '192.168.1.1', '::1', '::ffff:10.0.0.1', 'fd00::1', 'fe80::1%eth0']) t.equal(of(gateway, '198.51.100.7'), '198.51.100.7', gateway)
  for (const stranger of ['203.0.113.5', '172.32.0.1', '::ffff:203.0.113.5', '2001:db8::1']) t.not(of(stranger, '198.51.100.7'), '198.51.100.7', stranger)
  for (const odd of ['', 'unknown', '1.2.3.4, 5.6.7.8', '1.2.3.4:80', 'x'.repeat(5000)]) t.equal(of('127.0.0.1', odd), '127.0.0.1', odd)
  t.equal(of('127.0.0.1'), '127.0.0.1')
})

t.test('an IPv6 client is its /64, however it is written', async t => {
  const of = (address: string) => clientAddress({ ip: '127.0.0.1', headers: { 'x-forwarded-for': address } })
  for (const same of ['2001:db8:1:2::1', '2001:0DB8:1:2:ffff:ffff:ffff:ffff', '2001:db8:1:2:3:4:5::', '2001:db8:0001:0002:0:0:0:9']) t.equal(of(same), '2001:db8:1:2', same)
  t.equal(of('2001:db8::7'), '2001:db8:0:0')
  t.equal(of('::ffff:198.51.100.7'), '198.51.100.7')
  t.equal(of('::1'), '0:0:0:0')
})
