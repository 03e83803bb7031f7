import type { Document } from 'mongodb'
import t from 'tap'
import { ownDatabase } from '../../kit/mongo/database.ts'
import { login, startPlatform } from '../../kit/servers/platform.ts'
import { dump, restore } from './dump.ts'

/** The password of the accounts that the story registers. */
const storyPassword = 'a walk by the sea'

t.test('the databases of version 0.1.0 can be used as they are', async t => {
  const [auth, event] = [ownDatabase(t, 'auth'), ownDatabase(t, 'event')]
  await restore(auth.client, auth.name, dump.auth)
  await restore(event.client, event.name, dump.event)
  const { call, admin } = await startPlatform(t, { AUTH_MONGODB_URI: auth.uri, EVENT_MONGODB_URI: event.uri })
  const documents = (collection: string): Document[] =>
    [dump.auth, dump.event].flatMap(database => database[collection]?.documents ?? [])
  const signIn = async (name: string) => {
    const found = documents('users').find(({ email }) => String(email).startsWith(name))
    return await login(call, found?.email, storyPassword)
  }
  const [operator, kim, lee] = [await signIn('operator'), await signIn('kim'), await signIn('lee')]
  const eventOf = (name: string): string => documents('events').find(event => event.name.startsWith(name))?._id

  await t.test('every account logs in with its password and keeps its role', async t => {
    t.equal(operator.user.role, 'OPERATOR')
    const { body } = await call('GET', '/v1/users', { token: admin.token })
    const stored = documents('users').map(({ _id, role, status }) => ({ id: _id, role, status }))
    t.match(new Set(body.data.map(({ id, role, status }: Document) => ({ id, role, status }))), new Set(stored))
  })

  await t.test('a user is found by the name, for which 0.1.0 stored no search form', async t => {
    const { body } = await call('GET', '/v1/users?q=KIM', { token: admin.token })
    t.same(body.data.map(({ id, name }: Document) => ({ id, name })), [{ id: kim.user.id, name: 'Kim' }])
    t.match(await call('GET', '/v1/users?q=ki', { token: admin.token }), { body: { data: [{ name: 'Kim' }] } })
  })

  await t.test('every event, claim, and activity is listed', async t => {
    for (const [url, collection] of [['/v1/events', 'events'], ['/v1/claims', 'claims']] as const) {
      const { body } = await call('GET', `${url}?limit=100`, { token: operator.token })
      t.same(body.data.map(({ id }: Document) => id).sort(), documents(collection).map(({ _id }) => _id).sort(), url)
    }
    const own = documents('activities').filter(({ userId }) => userId === kim.user.id)
    const { body } = await call('GET', `/v1/users/${kim.user.id}/activities?limit=100`, { token: operator.token })
    // The login above used another session.
    t.ok(body.data.length > own.length)
  })

  await t.test('events of 0.1.0 have the defaults of later properties', async t => {
    const { body } = await call('GET', `/v1/events/${eventOf('Welcome')}`, { token: kim.token })
    t.match(body, { dayStartsAt: '00:00', weekStartsOn: 'MONDAY', stockPer: 'EVENT', group: null, position: 0 })
  })

  await t.test('wallet, ledger, and coupons are unchanged', async t => {
    t.match(await call('GET', '/v1/users/me/wallet', { token: kim.token }), {
      body: { points: 500, items: [{ itemId: 'golden-laurel', quantity: 1 }] }
    })
    t.equal((await call('GET', '/v1/users/me/ledger', { token: kim.token })).body.data.length, 3)
    const { body } = await call('GET', '/v1/users/me/coupons', { token: kim.token })
    t.match(body.data, [{ couponCode: /^COFFEE-/, revoked: false }])
  })

  await t.test('grants are in the settlement and the export, and refusals stay refused', async t => {
    const { body } = await call('GET', '/v1/stats', { token: operator.token })
    const granted = documents('claims').filter(({ status }) => status === 'GRANTED').length
    t.equal(body.data.reduce((sum: number, { claims }: Document) => sum + Number(claims.GRANTED), 0), granted)
    const exported = await call('GET', '/v1/claims/export', { token: operator.token })
    for (const { _id } of documents('claims')) t.match(exported.body, _id)
  })

  await t.test('a reward is not granted twice, a sold-out one not again, and a new claim works', async t => {
    const again = await call('POST', `/v1/events/${eventOf('Welcome')}/claims`, { token: kim.token })
    t.match(again, { status: 409, body: { code: 'ALREADY_CLAIMED' } })
    t.match(await call('POST', `/v1/events/${eventOf('Welcome')}/claims`, { token: lee.token }), { status: 201 })
    const park = await signIn('park')
    const none = await call('POST', `/v1/events/${eventOf('The first two')}/claims`, { token: park.token })
    t.match(none, { status: 409, body: { code: 'OUT_OF_STOCK' } })
  })

  await t.test('a grant of 0.1.0 is revoked and its delivery acknowledged', async t => {
    const [id] = documents('claims').filter(({ userId, status }) => userId === kim.user.id && status === 'GRANTED')
      .map(({ _id }) => _id)
    const delivered = await call('POST', `/v1/claims/${id}/delivery`, {
      token: admin.token, body: { status: 'DELIVERED' }
    })
    t.match(delivered, { status: 200, body: { delivery: { status: 'DELIVERED' } } })
    const revoked = await call('POST', `/v1/claims/${id}/revoke`, { token: admin.token, body: { reason: 'a test' } })
    t.match(revoked, { status: 200, body: { status: 'REVOKED' } })
  })
})
