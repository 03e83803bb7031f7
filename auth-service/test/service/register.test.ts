import t from 'tap'
import { password, type Stored } from '../../../test/kit/servers/auth.ts'
import { auth, gate } from './shared.ts'

async function register (body: unknown) {
  return await auth.call('POST', '/v1/auth/register', { body })
}

t.test('201: the response contains the new user with the role USER and no internal properties', async t => {
  const { status, headers, body } = await register({ email: 'kim@example.com', password, name: 'Kim' })
  t.equal(status, 201)
  t.equal(headers.get('etag'), '"1"')
  t.equal(headers.get('cache-control'), 'no-store')
  t.strictSame(body, {
    id: body.id,
    email: 'kim@example.com',
    name: 'Kim',
    role: 'USER',
    status: 'ACTIVE',
    referralCode: body.referralCode,
    createdAt: body.createdAt
  })
  t.match(body, {
    id: /^[a-f][0-9a-f]{23}$/,
    referralCode: /^[2-9A-HJ-NP-Z]{10}$/,
    createdAt: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/
  })
})

t.test('201: the name is optional', async t => {
  const { status, body } = await register({ email: 'nameless@example.com', password })
  t.match({ status, body }, { status: 201, body: { name: null } })
})

t.test('201: an address is stored in lower case, so that it cannot be registered twice', async t => {
  const first = await register({ email: 'Mixed.Case@Example.COM', password })
  t.match(first, { status: 201, body: { email: 'mixed.case@example.com' } })
  const second = await register({ email: 'mixed.case@example.com', password })
  t.match(second, { status: 409, body: { code: 'EMAIL_TAKEN' } })
})

t.test('409: fifty concurrent registrations of one address create one account', async t => {
  const email = 'wanted@example.com'
  const registerWithRetry = async (): Promise<number> => {
    const { status, headers } = await register({ email, password })
    // If the hash queue is full, the client must retry.
    return status === 503 && headers.has('retry-after') ? await registerWithRetry() : status
  }
  const statuses = await Promise.all(Array.from({ length: 50 }, registerWithRetry))
  t.equal(statuses.filter(status => status === 201).length, 1)
  t.equal(statuses.filter(status => status === 409).length, 49)
  t.equal(await auth.users.countDocuments({ email }), 1)
})

t.test('400: each invalid field is named, and no account is created', async t => {
  const valid = { email: 'new@example.com', password }
  const invalid: Array<[body: object, pointer: string]> = [
    [{ ...valid, role: 'ADMIN' }, '/role'],
    [{ ...valid, status: 'ACTIVE' }, '/status'],
    [{ ...valid, invitedBy: 'somebody' }, '/invitedBy'],
    [{ password }, '/email'],
    [{ email: valid.email }, '/password'],
    [{ ...valid, email: 'not an address' }, '/email'],
    [{ ...valid, email: `${'a'.repeat(250)}@example.com` }, '/email'],
    [{ ...valid, email: 'new\0@example.com' }, '/email'],
    [{ ...valid, name: ' \t ' }, '/name'],
    [{ ...valid, name: '' }, '/name'],
    [{ ...valid, name: null }, '/name'],
    [{ ...valid, name: 'x'.repeat(101) }, '/name'],
    [{ ...valid, name: 'a\0b' }, '/name'],
    [{ ...valid, referralCode: 'NOBODYSCODE' }, '/referralCode'],
    [{ ...valid, referralCode: 'two words' }, '/referralCode'],
    [{ ...valid, password: 'seven77' }, '/password'],
    [{ ...valid, password: 'x'.repeat(257) }, '/password'],
    [{ ...valid, password: 'with a \0 in it' }, '/password'],
    [{ ...valid, password: 12345678 }, '/password'],
    [{ ...valid, password: 'Password123' }, '/password'],
    [{ ...valid, password: 'zzzzzzzzzz' }, '/password'],
    [{ ...valid, password: 'NEW@example.com' }, '/password']
  ]
  for (const [given, pointer] of invalid) {
    const { status, body } = await register(given)
    const expected = { status: 400, body: { code: 'VALIDATION_FAILED', errors: [{ pointer }] } }
    t.match({ status, body }, expected, `${pointer} of ${JSON.stringify(given)}`)
    t.ok(body.errors.every((error: { pointer: string }) => error.pointer === pointer), 'and no other field')
  }
  t.equal(await auth.users.countDocuments({ email: valid.email }), 0)
})

t.test('400: the response never contains the password', async t => {
  const { body } = await register({ email: 'quiet@example.com', password: 'Iloveyou1' })
  t.notMatch(JSON.stringify(body), /iloveyou1/i)
})

t.test('201: a password can have 8 to 256 characters of any kind', async t => {
  const passwords = [
    '8 chars!', '비밀번호는길어야한다', 'p'.repeat(255) + 'q', '🏖'.repeat(7) + '🌊', ' leading, trailing ', 'x'.repeat(255) + '\n'
  ]
  for (const [index, allowed] of passwords.entries()) {
    const email = `password-${index}@example.com`
    t.equal((await register({ email, password: allowed })).status, 201, JSON.stringify(allowed))
    t.equal((await auth.tryLogin(email, allowed)).status, 200, 'and it is valid for a login')
  }
})

t.test('201: a user who registers with a referral code is stored as invited by that friend', async t => {
  const friend = await auth.register()
  const invitee = await auth.register({ referralCode: friend.referralCode })
  t.match(await auth.users.findOne({ _id: invitee.id }), { invitedBy: friend.id })
  t.notSame(invitee.referralCode, friend.referralCode)
})

t.test('201: spaces around the address and the code are removed, and the code can be in lower case', async t => {
  const friend = await auth.register()
  const referralCode = ` ${friend.referralCode.toLowerCase()}\n`
  const { status, body } = await register({ email: ' \tBlanks@Example.com ', password, referralCode })
  t.match({ status, body }, { status: 201, body: { email: 'blanks@example.com' } })
  t.match(await auth.users.findOne({ _id: body.id }), { invitedBy: friend.id })
  t.equal((await auth.tryLogin(' blanks@example.com ')).status, 200, 'also for the address of a login')
  t.equal((await auth.tryLogin(' ')).status, 400)
})

t.test('201: an address that is registered again within 90 days of a deletion does not count as invited', async t => {
  const [friend, other] = [await auth.register(), await auth.register()]
  const email = 'again@example.com'
  const invitedBy = async (): Promise<unknown> => (await auth.users.findOne({ email }))?.['invitedBy']
  const registerAndDelete = async (referralCode: string): Promise<unknown> => {
    await auth.register({ email, referralCode })
    const inviter = await invitedBy()
    const { token } = await auth.login(email)
    await auth.call('POST', '/v1/users/me/delete', { token, body: { password } })
    return inviter
  }
  t.equal(await registerAndDelete(friend.referralCode), friend.id)
  t.equal(await registerAndDelete(friend.referralCode), null)
  t.equal(await registerAndDelete(other.referralCode), null)

  const remembered = await auth.db.collection<Stored>('deleted_emails').find().toArray()
  t.notMatch(JSON.stringify(remembered), /again|example/)
  const days = (remembered[0]?.['expiresAt'] - Date.now()) / 86_400_000
  t.ok(days > 89.9 && days <= 90, `${days} days`)
  await auth.db.collection('deleted_emails').updateMany({}, { $set: { expiresAt: new Date() } })
  t.equal(await registerAndDelete(other.referralCode), other.id, 'after 90 days it is a new friend')
})

t.test('409: an address that is deleted while it is registered again does not count as invited', async t => {
  const friend = await auth.register()
  const email = 'racing@example.com'
  const { token } = await auth.login((await auth.register({ email })).email)
  const { reached, open } = gate.hold('insert', 'users')
  const registration = register({ email, password, referralCode: friend.referralCode })
  await reached
  await auth.call('POST', '/v1/users/me/delete', { token, body: { password } })
  open()
  t.match(await registration, { status: 409, body: { code: 'EMAIL_TAKEN' } }, 'it was taken when this request began')
  t.equal((await register({ email, password, referralCode: friend.referralCode })).status, 201)
  t.match(await auth.users.findOne({ email }), { invitedBy: null })
})

t.test('the password itself is not stored', async t => {
  const secret = 'canary in a coal mine'
  const { id } = await auth.register({ password: secret })
  const stored = await auth.users.findOne({ _id: id })
  t.notMatch(JSON.stringify(stored), secret)
  t.match(stored, { passwordHash: /^\$2[aby]\$04\$.{53}$/ })
})

t.test('500: an unexpected error is "Internal error" for the client, and creates no account', async t => {
  await auth.db.command({ collMod: 'users', validator: { name: { $ne: 'Not to be stored' } } })
  const { status, body } = await register({ email: 'unexpected@example.com', password, name: 'Not to be stored' })
  t.match({ status, body }, { status: 500, body: { code: 'INTERNAL_ERROR' } })
  t.match(body.detail, /^Internal error\.?$/)
  t.strictSame(Object.keys(body).sort(), ['code', 'detail', 'requestId', 'status', 'title', 'type'])
  t.equal(await auth.users.countDocuments({ email: 'unexpected@example.com' }), 0)
})
