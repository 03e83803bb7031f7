import type { Document } from 'mongodb'
import t from 'tap'
import { ownDatabase } from '../../kit/mongo/database.ts'
import { refusalOf } from '../../kit/http/laurel.ts'
import { login, startPlatform } from '../../kit/servers/platform.ts'
import { dump, restore } from './dump.ts'

/** The password of the accounts that the story registers. */
const storyPassword = 'a walk by the sea'

t.test('the databases of version 0.1.0 can be used as they are', async t => {
  const [auth, event] = [ownDatabase(t, 'auth'), ownDatabase(t, 'event')]
  await restore(auth.client, auth.name, dump.auth)
  await restore(event.client, event.name, dump.event)
  const uris = { AUTH_MONGODB_URI: auth.uri, EVENT_MONGODB_URI: event.uri }
  const { urls, admin: { client: admin } } = await startPlatform(t, uris)
  const documents = (collection: string): Document[] =>
    [dump.auth, dump.event].flatMap(database => database[collection]?.documents ?? [])
  const signIn = async (name: string) => {
    const found = documents('users').find(({ email }) => String(email).startsWith(name))
    return await login(urls.gateway, found?.email, storyPassword)
  }
  const [operator, kim, lee] = [await signIn('operator'), await signIn('kim'), await signIn('lee')]
  const eventOf = (name: string): string => documents('events').find(event => event.name.startsWith(name))?._id

  await t.test('every account logs in with its password and keeps its role', async t => {
    t.equal(operator.user.role, 'OPERATOR')
    const { data } = await admin.listUsers()
    const stored = documents('users').map(({ _id, role, status }) => ({ id: _id, role, status }))
    t.match(new Set(data.map(({ id, role, status }) => ({ id, role, status }))), new Set(stored))
  })

  await t.test('a user is found by the name, for which 0.1.0 stored no search form', async t => {
    const { data } = await admin.listUsers({ q: 'KIM' })
    t.same(data.map(({ id, name }) => ({ id, name })), [{ id: kim.user.id, name: 'Kim' }])
    t.match(await admin.listUsers({ q: 'ki' }), { data: [{ name: 'Kim' }] })
  })

  await t.test('every event, claim, and activity is listed', async t => {
    const limit = 100
    for (const [collection, { data }] of [
      ['events', await operator.client.listEvents({ limit })], ['claims', await operator.client.listClaims({ limit })]
    ] as const) {
      t.same(data.map(({ id }) => id).sort(), documents(collection).map(({ _id }) => _id).sort(), collection)
    }
    const own = documents('activities').filter(({ userId }) => userId === kim.user.id)
    const { data } = await operator.client.listActivities({ userId: kim.user.id, limit })
    // The login above used another session.
    t.ok(data.length > own.length)
  })

  await t.test('events of 0.1.0 have the defaults of later properties', async t => {
    t.match(await kim.client.getEvent({ eventId: eventOf('Welcome') }), {
      dayStartsAt: '00:00', weekStartsOn: 'MONDAY', stockPer: 'EVENT', group: null, position: 0
    })
  })

  await t.test('wallet, ledger, and coupons are unchanged', async t => {
    t.match(await kim.client.getMyWallet(), { points: 500, items: [{ itemId: 'golden-laurel', quantity: 1 }] })
    t.equal((await kim.client.listMyLedger()).data.length, 3)
    t.match(await kim.client.listMyCoupons(), { data: [{ couponCode: /^COFFEE-/, revoked: false }] })
  })

  await t.test('grants are in the settlement and the export, and refusals stay refused', async t => {
    const { data } = await operator.client.getStats()
    const granted = documents('claims').filter(({ status }) => status === 'GRANTED').length
    t.equal(data.reduce((sum, { claims }) => sum + claims.GRANTED, 0), granted)
    const exported = await operator.client.exportClaims()
    for (const { _id } of documents('claims')) t.match(exported, _id)
  })

  await t.test('a reward is not granted twice, a sold-out one not again, and a new claim works', async t => {
    const [welcome, soldOut] = [{ eventId: eventOf('Welcome') }, { eventId: eventOf('The first two') }]
    t.equal((await refusalOf(kim.client.claim(welcome))).code, 'ALREADY_CLAIMED')
    t.equal((await lee.client.claim(welcome)).status, 'GRANTED')
    const park = await signIn('park')
    t.equal((await refusalOf(park.client.claim(soldOut))).code, 'OUT_OF_STOCK')
  })

  await t.test('a grant of 0.1.0 is revoked and its delivery acknowledged', async t => {
    const [claimId] = documents('claims').filter(({ userId, status }) => userId === kim.user.id && status === 'GRANTED')
      .map(({ _id }) => _id)
    const delivered = await admin.acknowledgeDelivery({ claimId, status: 'DELIVERED' })
    t.equal(delivered.delivery.status, 'DELIVERED')
    t.equal((await admin.revokeClaim({ claimId, reason: 'a test' })).status, 'REVOKED')
  })
})
