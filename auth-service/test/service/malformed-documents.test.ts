import t from 'tap'
import { startAuth, type Stored } from '../../../test/kit/servers/auth.ts'

// A separate server, so that its metric counts only the malformed documents of this file.
const auth = await startAuth(t)
const { token, user: admin } = await auth.login('admin@example.com')

const oldDate = new Date(Date.now() - 1000)

t.test('200: a list omits a malformed document and contains the others', async t => {
  await auth.register({ email: 'well-formed@example.com' })
  await auth.call('POST', '/v1/clients', { token, body: { name: 'Well-formed' } })
  for (const [collection, path, fields] of [
    ['users', '/v1/users', { email: 'no-role@example.com', referralCode: 'BROKEN1' }],
    ['users', '/v1/users', { email: 'text-date@example.com', referralCode: 'BROKEN2', role: 'USER', createdAt: 'now' }],
    ['clients', '/v1/clients', { createdAt: oldDate, name: 7 }],
    ['sessions', '/v1/users/me/sessions', {
      userId: admin.id,
      createdAt: oldDate,
      usedAt: new Date(),
      expiresAt: new Date(Date.now() + 60_000),
      generation: 'none'
    }],
    ['audits', '/v1/audit/accounts', { createdAt: oldDate, action: null }]
  ] as const) {
    const before = await auth.call('GET', path, { token })
    const malformed = { _id: `malformed-${path}-${JSON.stringify(fields)}`, ...fields }
    await auth.db.collection<Stored>(collection).insertOne(malformed)
    const { status, body } = await auth.call('GET', path, { token })
    t.equal(status, 200, path)
    t.strictSame(body, before.body, path)
  }
  const metrics = await (await fetch(`${auth.url}/metrics`)).text()
  for (const [collection, atLeast] of [['users', 2], ['clients', 1], ['sessions', 1], ['audits', 1]] as const) {
    const pattern = new RegExp(`^laurel_unreadable_rows_total{collection="${collection}"} (\\d+)$`, 'm')
    const count = pattern.exec(metrics)?.[1]
    t.ok(Number(count) >= atLeast, `${collection}: ${String(count)}`)
  }
})

t.test('500: a malformed document cannot be read individually', async t => {
  const { id } = await auth.register()
  await auth.users.updateOne({ _id: id }, { $set: { createdAt: 'yesterday' } })
  t.match(await auth.call('GET', `/v1/users/${id}`, { token }), { status: 500, body: { code: 'INTERNAL_ERROR' } })
})
