import t from 'tap'
import { password, startAuth } from '../../../test/kit/auth.ts'

const auth = await startAuth(t)

async function register (body: unknown) {
  return await auth.call('POST', '/v1/auth/register', { body })
}

t.test('201: the user itself, a USER, and nothing else about it', async t => {
  const { status, headers, body } = await register({ email: 'kim@example.com', password, name: 'Kim' })
  t.equal(status, 201)
  t.equal(headers.get('etag'), '"1"')
  t.strictSame(body, {
    id: body.id, email: 'kim@example.com', name: 'Kim', role: 'USER', status: 'ACTIVE', referralCode: body.referralCode, createdAt: body.createdAt
  })
  t.match(body, { id: /^[0-9a-f]{24}$/, referralCode: /^[2-9A-HJ-NP-Z]{10}$/, createdAt: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/ })
})

t.test('201: a name is not asked for', async t => {
  const { status, body } = await register({ email: 'nameless@example.com', password })
  t.match({ status, body }, { status: 201, body: { name: null } })
})

t.test('201: an address is kept in lower case, so that nobody has it twice', async t => {
  const first = await register({ email: 'Mixed.Case@Example.COM', password })
  t.match(first, { status: 201, body: { email: 'mixed.case@example.com' } })
  const second = await register({ email: 'mixed.case@example.com', password })
  t.match(second, { status: 409, body: { code: 'EMAIL_TAKEN' } })
})

t.test('409: fifty people who register one address at once become one account', async t => {
  const email = 'wanted@example.com'
  const insist = async (): Promise<number> => {
    const { status, headers } = await register({ email, password })
    // More hashing than may wait: nothing is decided, and the client is asked to come back.
    return status === 503 && headers.has('retry-after') ? await insist() : status
  }
  const statuses = await Promise.all(Array.from({ length: 50 }, insist))
  t.equal(statuses.filter(status => status === 201).length, 1)
  t.equal(statuses.filter(status => status === 409).length, 49)
  t.equal(await auth.users.countDocuments({ email }), 1)
})

t.test('400: what is wrong with a registration is said field by field, and makes no account', async t => {
  const right = { email: 'new@example.com', password }
  const wrong: Array<[body: object, pointer: string]> = [
    [{ ...right, role: 'ADMIN' }, '/role'],
    [{ ...right, status: 'ACTIVE' }, '/status'],
    [{ ...right, invitedBy: 'somebody' }, '/invitedBy'],
    [{ password }, '/email'],
    [{ email: right.email }, '/password'],
    [{ ...right, email: 'not an address' }, '/email'],
    [{ ...right, email: `${'a'.repeat(250)}@example.com` }, '/email'],
    [{ ...right, email: 'new\0@example.com' }, '/email'],
    [{ ...right, name: ' \t ' }, '/name'],
    [{ ...right, name: '' }, '/name'],
    [{ ...right, name: null }, '/name'],
    [{ ...right, name: 'x'.repeat(101) }, '/name'],
    [{ ...right, name: 'a\0b' }, '/name'],
    [{ ...right, referralCode: 'NOBODYSCODE' }, '/referralCode'],
    [{ ...right, referralCode: 'small letters' }, '/referralCode'],
    [{ ...right, password: 'seven77' }, '/password'],
    [{ ...right, password: 'x'.repeat(257) }, '/password'],
    [{ ...right, password: 'with a \0 in it' }, '/password'],
    [{ ...right, password: 12345678 }, '/password'],
    [{ ...right, password: 'Password123' }, '/password'],
    [{ ...right, password: 'zzzzzzzzzz' }, '/password'],
    [{ ...right, password: 'NEW@example.com' }, '/password']
  ]
  for (const [given, pointer] of wrong) {
    const { status, body } = await register(given)
    t.match({ status, body }, { status: 400, body: { code: 'VALIDATION_FAILED', errors: [{ pointer }] } }, `${pointer} of ${JSON.stringify(given)}`)
    t.ok(body.errors.every((error: { pointer: string }) => error.pointer === pointer), 'and nothing else is said to be wrong')
  }
  t.equal(await auth.users.countDocuments({ email: right.email }), 0)
})

t.test('400: a refusal never repeats the password', async t => {
  const { body } = await register({ email: 'quiet@example.com', password: 'Iloveyou1' })
  t.notMatch(JSON.stringify(body), /iloveyou1/i)
})

t.test('201: a password may be 8 to 256 characters of any kind', async t => {
  for (const [index, allowed] of ['8 chars!', '비밀번호는길어야한다', 'p'.repeat(255) + 'q', '🏖'.repeat(7) + '🌊', ' leading, trailing ', 'x'.repeat(255) + '\n'].entries()) {
    const email = `password-${index}@example.com`
    t.equal((await register({ email, password: allowed })).status, 201, JSON.stringify(allowed))
    t.equal((await auth.tryLogin(email, allowed)).status, 200, 'and it is the one that counts')
  }
})

t.test('201: whoever registers with a friend\'s code is kept as invited by that friend', async t => {
  const friend = await auth.register()
  const invited = await auth.register({ referralCode: friend.referralCode })
  t.match(await auth.users.findOne({ _id: invited.id }), { invitedBy: friend.id })
  t.notSame(invited.referralCode, friend.referralCode)
})

t.test('the password itself is stored nowhere', async t => {
  const secret = 'canary in a coal mine'
  const { id } = await auth.register({ password: secret })
  const stored = await auth.users.findOne({ _id: id })
  t.notMatch(JSON.stringify(stored), secret)
  t.match(stored, { passwordHash: /^\$2[aby]\$04\$.{53}$/ })
})

t.test('500: what nobody foresaw is "Internal error" outside, and no account', async t => {
  await auth.db.command({ collMod: 'users', validator: { name: { $ne: 'Not to be stored' } } })
  const { status, body } = await register({ email: 'unforeseen@example.com', password, name: 'Not to be stored' })
  t.match({ status, body }, { status: 500, body: { code: 'INTERNAL_ERROR', detail: 'Internal error' } })
  t.strictSame(Object.keys(body).sort(), ['code', 'detail', 'requestId', 'status', 'title', 'type'])
  t.equal(await auth.users.countDocuments({ email: 'unforeseen@example.com' }), 0)
})
