import t from 'tap'
import type { User } from '@laurel/shared/contracts'
import { adminEmail, startAuth } from '../../../test/kit/auth.ts'

const auth = await startAuth(t)
const { token } = await auth.login(adminEmail)

async function list (query: string) {
  return await auth.call('GET', `/v1/users${query}`, { token })
}

const emails = (body: { data: User[] }): string[] => body.data.map(({ email }) => email)

t.test('200: everyone can ask who they are', async t => {
  for (const role of ['USER', 'OPERATOR', 'AUDITOR', 'ADMIN'] as const) {
    const { user, token } = await auth.signIn(role)
    const { status, headers, body } = await auth.call('GET', '/v1/users/me', { token })
    t.equal(status, 200)
    t.strictSame(body, { ...user, role })
    t.equal(headers.get('etag'), role === 'USER' ? '"1"' : '"2"')
  }
})

t.test('404: a token whose account is gone is nobody\'s', async t => {
  const { user, token } = await auth.signIn('USER')
  await auth.users.deleteOne({ _id: user.id })
  t.match(await auth.call('GET', '/v1/users/me', { token }), { status: 404, body: { code: 'USER_NOT_FOUND' } })
})

t.test('200: an ADMIN sees one account, with its ETag and without its secrets', async t => {
  const user = await auth.register({ name: 'Kim' })
  const { status, headers, body } = await auth.call('GET', `/v1/users/${user.id}`, { token })
  t.equal(status, 200)
  t.strictSame(body, user)
  t.equal(headers.get('etag'), '"1"')
})

t.test('404: an account that does not exist, and an id that cannot', async t => {
  for (const id of ['0123456789abcdef01234567', 'nobody', 'a'.repeat(129), 'not~an~id']) {
    t.match(await auth.call('GET', `/v1/users/${id}`, { token }), { status: 404 }, id)
  }
  t.match(await auth.call('GET', '/v1/users/nobody', { token }), { body: { code: 'USER_NOT_FOUND' } })
})

t.test('403: accounts are for ADMIN alone, and 401 without a token', async t => {
  const user = await auth.register()
  for (const role of ['USER', 'OPERATOR', 'AUDITOR'] as const) {
    const { token } = await auth.signIn(role)
    for (const [method, path, body] of [['GET', '/v1/users'], ['GET', `/v1/users/${user.id}`], ['PATCH', `/v1/users/${user.id}`, { role: 'ADMIN' }]] as const) {
      t.match(await auth.call(method, path, { token, body }), { status: 403, body: { code: 'FORBIDDEN' } }, `${role} ${method} ${path}`)
      t.equal((await auth.call(method, path, { body })).status, 401)
    }
  }
  t.match(await auth.users.findOne({ _id: user.id }), { role: 'USER', version: 1 })
})

t.test('200: a list is newest first, oldest first where it is asked for, and paged without losing or repeating anyone', async t => {
  const made: string[] = []
  for (let person = 0; person < 7; person++) made.push((await auth.register({ email: `paged-${person}@example.com` })).email)
  // Two of one instant: the id decides.
  const [, second, third] = made
  await auth.users.updateOne({ email: third }, { $set: { createdAt: (await auth.users.findOne({ email: second }))?.['createdAt'] } })

  for (const order of ['desc', 'asc']) {
    const whole = emails((await list(`?q=paged-&order=${order}`)).body)
    t.same([...whole].sort(), made, 'everyone is there')
    const [first, last] = order === 'desc' ? ['paged-6', 'paged-0'] : ['paged-0', 'paged-6']
    t.match([whole.at(0), whole.at(-1)], [first, last])

    const paged: string[] = []
    let cursor = ''
    do {
      const { status, body } = await list(`?q=paged-&order=${order}&limit=3${cursor}`)
      t.equal(status, 200)
      t.ok(body.data.length <= 3)
      paged.push(...emails(body))
      cursor = body.nextCursor === null ? 'end' : `&cursor=${body.nextCursor}`
      // Whoever comes now moves nothing of a list that is read from its newest end.
      if (order === 'desc') await auth.register({ email: `paged-late-${paged.length}@example.com` })
    } while (cursor !== 'end')
    t.same(paged, whole)
    await auth.users.deleteMany({ email: /^paged-late/ })
  }
})

t.test('200: without parameters twenty at most, and the newest is the first', async t => {
  for (let person = 0; person < 21; person++) await auth.register()
  const newest = await auth.register()
  const { status, body } = await list('')
  t.match({ status, body }, { status: 200, body: { data: { length: 20 }, nextCursor: String } })
  t.strictSame(body.data[0], newest)
})

t.test('200: a role and a status narrow the list, each and together', async t => {
  const operator = await auth.signIn('OPERATOR')
  const disabled = await auth.signIn('OPERATOR')
  await auth.users.updateOne({ _id: disabled.user.id }, { $set: { status: 'DISABLED' } })
  const all = (await list('?limit=100')).body.data as User[]
  for (const [query, keep] of [
    ['role=OPERATOR', ({ role }: User) => role === 'OPERATOR'],
    ['status=DISABLED', ({ status }: User) => status === 'DISABLED'],
    ['role=OPERATOR&status=ACTIVE', ({ role, status }: User) => role === 'OPERATOR' && status === 'ACTIVE'],
    ['role=AUDITOR&status=DISABLED', () => false]
  ] as const) {
    t.strictSame((await list(`?limit=100&${query}`)).body, { data: all.filter(keep), nextCursor: null }, query)
  }
  t.ok(all.some(({ id }) => id === operator.user.id))
})

t.test('200: q is the beginning of an address, in any case, and its signs are plain text', async t => {
  await auth.register({ email: 'find.me@example.com' })
  await auth.register({ email: 'findxme@example.com' })
  await auth.register({ email: 'not.find@example.com' })
  const found = async (q: string): Promise<string[]> => emails((await list(`?q=${encodeURIComponent(q)}`)).body).sort()
  t.same(await found('find'), ['find.me@example.com', 'findxme@example.com'])
  t.same(await found('FIND.'), ['find.me@example.com'])
  t.same(await found('find.me@example.com'), ['find.me@example.com'])
  for (const q of ['.*', '^find', 'find(', 'fin[d]', 'find.me@example.com$', 'find\\', '$where', 'ind']) t.same(await found(q), [], q)
})

t.test('400: what a list does not know, and a cursor of another list', async t => {
  const { body: { nextCursor } } = await list('?limit=1')
  for (const query of [
    '?role=SERVICE', '?role=user', '?status=GONE', '?q=', '?limit=0', '?limit=101', '?limit=1e1', '?order=newest', '?name=Kim', '?role=USER&role=ADMIN',
    `?cursor=${nextCursor}x`, `?cursor=${nextCursor}&order=asc`, `?cursor=${nextCursor}&role=USER`
  ]) t.match(await list(query), { status: 400, body: { code: 'VALIDATION_FAILED' } }, query)
  t.equal((await list(`?cursor=${nextCursor}`)).status, 200)
})
