import t from 'tap'
import type { User } from '@laurel/shared/contracts'
import { admin, auth } from './shared.ts'

const { token } = admin

async function list (query: string) {
  return await auth.call('GET', `/v1/users${query}`, { token })
}

const emailsOf = (body: { data: User[] }): string[] => body.data.map(({ email }) => String(email))

t.test('200: users of every role can read their own account', async t => {
  for (const role of ['USER', 'OPERATOR', 'AUDITOR', 'ADMIN'] as const) {
    const { user, token } = await auth.signIn(role)
    const { status, headers, body } = await auth.call('GET', '/v1/users/me', { token })
    t.equal(status, 200)
    t.strictSame(body, { ...user, role })
    t.equal(headers.get('etag'), role === 'USER' ? '"1"' : '"2"')
  }
})

t.test('404: a valid token whose account no longer exists', async t => {
  const { user, token } = await auth.signIn('USER')
  await auth.users.deleteOne({ _id: user.id })
  t.match(await auth.call('GET', '/v1/users/me', { token }), { status: 404, body: { code: 'USER_NOT_FOUND' } })
})

t.test('200: an ADMIN reads one account, with its ETag and without its secrets', async t => {
  const user = await auth.register({ name: 'Kim' })
  const { status, headers, body } = await auth.call('GET', `/v1/users/${user.id}`, { token })
  t.equal(status, 200)
  t.strictSame(body, user)
  t.equal(headers.get('etag'), '"1"')
})

t.test('404: an account that does not exist, and an id that cannot exist', async t => {
  for (const id of ['0123456789abcdef01234567', 'nobody', 'a'.repeat(129), 'not~an~id']) {
    t.match(await auth.call('GET', `/v1/users/${id}`, { token }), { status: 404 }, id)
  }
  t.match(await auth.call('GET', '/v1/users/nobody', { token }), { body: { code: 'USER_NOT_FOUND' } })
})

t.test('403: only OPERATOR and ADMIN can read accounts, and only ADMIN can change them', async t => {
  const user = await auth.register()
  for (const role of ['USER', 'OPERATOR', 'AUDITOR'] as const) {
    const { token } = await auth.signIn(role)
    for (const [method, path, body] of [
      ['GET', '/v1/users'],
      ['GET', `/v1/users/${user.id}`],
      ['PATCH', `/v1/users/${user.id}`, { role: 'ADMIN' }],
      ['POST', `/v1/users/${user.id}/erase`]
    ] as const) {
      if (role === 'OPERATOR' && method === 'GET') continue
      const answer = await auth.call(method, path, { token, body })
      t.match(answer, { status: 403, body: { code: 'FORBIDDEN' } }, `${role} ${method} ${path}`)
      t.equal((await auth.call(method, path, { body })).status, 401)
    }
  }
  t.match(await auth.users.findOne({ _id: user.id }), { role: 'USER', version: 1 })
})

t.test('200: a list is ordered by creation, and pages contain every user exactly once', async t => {
  const created: string[] = []
  for (let index = 0; index < 7; index++) {
    created.push((await auth.register({ email: `paged-${index}@example.com` })).email)
  }
  // Two users with the same creation time are ordered by id.
  const [, second, third] = created
  const createdAt = (await auth.users.findOne({ email: second }))?.['createdAt']
  await auth.users.updateOne({ email: third }, { $set: { createdAt } })

  for (const order of ['desc', 'asc']) {
    const all = emailsOf((await list(`?q=paged-&order=${order}`)).body)
    t.same([...all].sort(), created, 'every user is listed')
    const [first, last] = order === 'desc' ? ['paged-6', 'paged-0'] : ['paged-0', 'paged-6']
    t.match([all.at(0), all.at(-1)], [first, last])

    const paged: string[] = []
    let cursor = ''
    do {
      const { status, body } = await list(`?q=paged-&order=${order}&limit=3${cursor}`)
      t.equal(status, 200)
      t.ok(body.data.length <= 3)
      paged.push(...emailsOf(body))
      cursor = body.nextCursor === null ? 'end' : `&cursor=${body.nextCursor}`
      // A user who is added in the meantime does not shift a list that starts with the newest.
      if (order === 'desc') await auth.register({ email: `paged-late-${paged.length}@example.com` })
    } while (cursor !== 'end')
    t.same(paged, all)
    await auth.users.deleteMany({ email: /^paged-late/ })
  }
})

t.test('200: without parameters, the list contains the newest twenty users', async t => {
  for (let index = 0; index < 21; index++) await auth.register()
  const newest = await auth.register()
  const { status, body } = await list('')
  t.match({ status, body }, { status: 200, body: { data: { length: 20 }, nextCursor: String } })
  t.strictSame(body.data[0], newest)
})

t.test('200: role and status filter the list, separately and together', async t => {
  for (const role of ['USER', 'OPERATOR', 'AUDITOR']) {
    for (const status of ['ACTIVE', 'DISABLED']) {
      const { id } = await auth.register({ email: `filter-${role}-${status}@example.com` })
      await auth.users.updateOne({ _id: id }, { $set: { role, status } })
    }
  }
  const all = (await list('?limit=100&q=filter-')).body.data as User[]
  t.equal(all.length, 6)
  for (const [query, isListed] of [
    ['role=OPERATOR', ({ role }: User) => role === 'OPERATOR'],
    ['status=DISABLED', ({ status }: User) => status === 'DISABLED'],
    ['role=OPERATOR&status=ACTIVE', ({ role, status }: User) => role === 'OPERATOR' && status === 'ACTIVE'],
    ['role=ADMIN&status=DISABLED', () => false]
  ] as const) {
    const { body } = await list(`?limit=100&q=filter-&${query}`)
    t.strictSame(body, { data: all.filter(isListed), nextCursor: null }, query)
  }
})

t.test('200: q is a case-insensitive prefix of an address, without special characters', async t => {
  await auth.register({ email: 'find.me@example.com' })
  await auth.register({ email: 'findxme@example.com' })
  await auth.register({ email: 'not.find@example.com' })
  const find = async (q: string): Promise<string[]> =>
    emailsOf((await list(`?q=${encodeURIComponent(q)}`)).body).sort()
  t.same(await find('find'), ['find.me@example.com', 'findxme@example.com'])
  t.same(await find('FIND.'), ['find.me@example.com'])
  t.same(await find('find.me@example.com'), ['find.me@example.com'])
  for (const q of ['.*', '^find', 'find(', 'fin[d]', 'find.me@example.com$', 'find\\', '$where', 'ind']) {
    t.same(await find(q), [], q)
  }
})

t.test('400: an unknown parameter or value, and a cursor of another list', async t => {
  const { body: { nextCursor } } = await list('?limit=1')
  for (const query of [
    '?role=SERVICE',
    '?role=user',
    '?status=GONE',
    '?q=',
    '?limit=0',
    '?limit=101',
    '?limit=1e1',
    '?order=newest',
    '?name=Kim',
    '?role=USER&role=ADMIN',
    `?cursor=${nextCursor}x`,
    `?cursor=${nextCursor}&order=asc`,
    `?cursor=${nextCursor}&role=USER`
  ]) t.match(await list(query), { status: 400, body: { code: 'VALIDATION_FAILED' } }, query)
  t.equal((await list(`?cursor=${nextCursor}`)).status, 200)
})

t.test('200: q is a prefix of an address, of a name in any Unicode form, or of an id', async t => {
  const composed = await auth.register({ name: 'Ren\u00e9e Search' })
  const decomposed = await auth.register({ name: 'Rene\u0301e Search' })
  const find = async (q: string): Promise<string[]> => {
    const { body } = await list(`?q=${encodeURIComponent(q)}`)
    return body.data.map(({ id }: User) => id).sort()
  }
  const both = [composed.id, decomposed.id].sort()
  for (const q of ['ren\u00e9e', 'RENE\u0301E s', 'Ren\u00e9e Search']) t.same(await find(q), both, q)
  t.same(await find('search'), [])
  t.same(await find(composed.id), [composed.id])
  t.same(await find(composed.id.slice(0, 20)), [composed.id])
  const { body: { name } } = await auth.call('GET', `/v1/users/${decomposed.id}`, { token })
  t.equal(name, 'Rene\u0301e Search', 'a name is stored as it was given')

  const person = await auth.login(composed.email)
  await auth.call('PATCH', '/v1/users/me', { token: person.token, body: { name: 'Zo\u00eb' } })
  t.same([await find('ren\u00e9e'), await find('zoe\u0308')], [[decomposed.id], [composed.id]])
  await auth.call('PATCH', '/v1/users/me', { token: person.token, body: { name: null } })
  t.same(await find('zo\u00eb'), [])
})

t.test('200: an OPERATOR finds users by q and sees masked addresses', async t => {
  const operator = await auth.signIn('OPERATOR')
  const user = await auth.register({ email: 'masked.user@example.com', name: 'Masked' })
  const read = async (path: string) => await auth.call('GET', path, { token: operator.token })
  const masked = { ...user, email: 'm***@example.com' }
  for (const q of ['masked.user@', 'MAS', user.id]) {
    t.strictSame((await read(`/v1/users?q=${q}`)).body, { data: [masked], nextCursor: null }, q)
  }
  t.strictSame((await read(`/v1/users/${user.id}`)).body, masked)
  const own = await read('/v1/users/me')
  t.equal(own.body.email, operator.user.email, 'but their own address unmasked')
})

t.test('400: an OPERATOR gives at least 3 characters and no other filter', async t => {
  const { token } = await auth.signIn('OPERATOR')
  for (const [query, pointer] of [
    ['', '/q'],
    ['?limit=10', '/q'],
    ['?q=ab', '/q'],
    ['?q=a%20%20', '/q'],
    [`?q=${encodeURIComponent('한'.normalize('NFD'))}`, '/q'],
    [`?q=${encodeURIComponent('éé'.normalize('NFD'))}`, '/q'],
    ['?q=abc&role=ADMIN', '/role'],
    ['?q=abc&status=DISABLED', '/status']
  ] as const) {
    const answer = await auth.call('GET', `/v1/users${query}`, { token })
    t.match(answer, { status: 400, body: { code: 'VALIDATION_FAILED', errors: [{ pointer }] } }, query)
  }
  for (let n = 0; n < 2; n++) await auth.register({ email: `operator-page-${n}@example.com` })
  const { body: { nextCursor } } = await list('?q=operator-page&limit=1')
  const foreign = await auth.call('GET', `/v1/users?q=operator-page&limit=1&cursor=${nextCursor}`, { token })
  t.equal(foreign.status, 400, 'a cursor of an ADMIN')
})

t.test('200: event-service reads the status of up to 500 accounts in one request', async t => {
  const [active, disabled] = [await auth.register(), await auth.register()]
  await auth.users.updateOne({ _id: disabled.id }, { $set: { status: 'DISABLED' } })
  const lookUp = async (userIds: unknown) =>
    await auth.call('POST', '/internal/users/lookup', { body: { userIds } })
  const { status, body } = await lookUp([disabled.id, 'nobody', active.id])
  t.equal(status, 200)
  t.strictSame(Object.fromEntries(body.users.map(({ id, status }: User) => [id, status])), {
    [active.id]: 'ACTIVE', [disabled.id]: 'DISABLED'
  })
  t.strictSame(Object.keys(body.users[0]).sort(), ['id', 'status'])
  t.equal((await lookUp(Array.from({ length: 500 }, (_, n) => `user-${n}`))).status, 200)
  for (const bad of [[], Array.from({ length: 501 }, (_, n) => `user-${n}`), ['no.id'], 'nobody']) {
    t.equal((await lookUp(bad)).status, 400)
  }
})

t.test('200: event-service reads the status of one account; 404 if there is none', async t => {
  const { id } = await auth.register()
  const read = async (userId: string) => await auth.call('GET', `/internal/users/${userId}`)
  t.match(await read(id), { status: 200, body: { status: 'ACTIVE' } })
  await auth.users.updateOne({ _id: id }, { $set: { status: 'DISABLED' } })
  t.strictSame((await read(id)).body, { status: 'DISABLED' })
  t.match(await read('nobody'), { status: 404, body: { code: 'USER_NOT_FOUND' } })
})
