import t from 'tap'
import { auditOfWebhook } from '../../../src/domain/webhook-audit.ts'
import { createStores } from '../../../src/stores/index.ts'
import { settingsId } from '../../../src/stores/settings.ts'
import { runningEvent, startedEvent } from '../../../../test/kit/servers/events.ts'
import { as, newUserId, startEventService, type Row } from '../../../../test/kit/servers/event-service.ts'
import { eventually } from '../../../../test/kit/run/eventually.ts'
import { allowReceivers, startReceiver } from '../../../../test/kit/stand-ins/receiver.ts'

const { call, db } = await startEventService(t, allowReceivers)
const admin = as('ADMIN')
const types = ['claim.granted', 'event.activated']

async function claimAs (userId = newUserId(), overrides: object = {}): Promise<string> {
  const { body: event } = await call('POST', '/v1/events', { token: admin, body: startedEvent(null, overrides) })
  return (await call('POST', `/v1/events/${event.id as string}/claims`, { token: as('USER', userId) })).body.id
}

t.test('201: a webhook has a secret, which is shown only once', async t => {
  const body = { url: 'https://hooks.example.com/laurel?key=hidden', types }
  const created = await call('POST', '/v1/webhooks', { token: admin, body })
  t.match(created, { status: 201, body: { url: body.url, types, secret: /^whsec_[A-Za-z0-9+/]{43}=$/ } })
  t.equal(created.headers.get('cache-control'), 'no-store')
  const { secret, ...webhook } = created.body
  const list = await call('GET', '/v1/webhooks', { token: admin })
  t.strictSame(list.body, { data: [webhook], nextCursor: null })

  const audit = await call('GET', '/v1/audit/events', { token: admin })
  t.match(audit.body.data[0], {
    action: 'createWebhook',
    targetType: 'WEBHOOK',
    targetId: webhook.id,
    after: { url: 'https://hooks.example.com', types }
  })
  t.notMatch(JSON.stringify(audit.body), /hidden|whsec_/)
  t.match(await call('DELETE', `/v1/webhooks/${webhook.id as string}`, { token: admin }), { status: 204 })
  t.match((await call('GET', '/v1/audit/events', { token: admin })).body.data[0], {
    action: 'deleteWebhook', targetId: webhook.id, before: { url: 'https://hooks.example.com', types }
  })
})

t.test('400: a URL in a private network, or a type that does not exist', async t => {
  const urls = ['https://10.0.0.1/x', 'https://[::ffff:169.254.169.254]/', 'http://hooks.example.com/', 'nothing']
  for (const url of urls) {
    const answer = await call('POST', '/v1/webhooks', { token: admin, body: { url, types } })
    t.match(answer, { status: 400, body: { code: 'VALIDATION_FAILED', errors: [{ pointer: '/url' }] } }, url)
  }
  for (const wrong of [[], ['claim.lost'], ['claim.granted', 'claim.granted']]) {
    const body = { url: 'https://hooks.example.com/', types: wrong }
    t.match(await call('POST', '/v1/webhooks', { token: admin, body }), { status: 400 })
  }
  t.strictSame((await call('GET', '/v1/webhooks', { token: admin })).body.data, [])
})

t.test('404: a webhook or a delivery that does not exist', async t => {
  const missing = { status: 404, body: { code: 'WEBHOOK_NOT_FOUND' } }
  t.match(await call('DELETE', '/v1/webhooks/missing', { token: admin }), missing)
  t.match(await call('GET', '/v1/webhooks/missing/deliveries', { token: admin }), missing)
  t.match(await call('POST', '/v1/webhooks/missing/deliveries/x/redeliver', { token: admin }), missing)
  const { webhook } = await startReceiver(t, call, admin, types)
  t.match(await call('POST', `/v1/webhooks/${webhook.id}/deliveries/x/redeliver`, { token: admin }), {
    status: 404, body: { code: 'DELIVERY_NOT_FOUND' }
  })
  await call('DELETE', `/v1/webhooks/${webhook.id}`, { token: admin })
})

t.test('404: a webhook that was deleted after it was read is not audited', async t => {
  const { webhooks } = createStores(db, () => undefined)
  const gone = { id: 'gone', url: 'https://hooks.example.com/', types: [], secret: '', createdAt: new Date() }
  const audit = auditOfWebhook({ id: 'an admin', role: 'ADMIN', requestId: 'r' }, 'deleteWebhook', gone, new Date())
  await t.rejects(webhooks.remove(gone.id, audit), { code: 'WEBHOOK_NOT_FOUND' })
  t.equal(await db.collection('audits').countDocuments({ targetId: gone.id }), 0)
})

t.test('204: a webhook is deleted even if its deliveries cannot be deleted', async t => {
  const body = { url: 'https://hooks.example.com/', types }
  const { body: { id } } = await call('POST', '/v1/webhooks', { token: admin, body })
  // MongoDB cannot delete from a view.
  await db.collection('deliveries').rename('kept')
  await db.createCollection('deliveries', { viewOn: 'kept' })
  t.match(await call('DELETE', `/v1/webhooks/${id as string}`, { token: admin }), { status: 204 })
  await db.dropCollection('deliveries')
  await db.collection('kept').rename('deliveries')
  t.strictSame((await call('GET', '/v1/webhooks', { token: admin })).body.data, [])
})

t.test('webhooks that are created and deleted concurrently leave the correct list of subscribed types', async t => {
  const all = ['claim.granted', 'claim.pending', 'claim.rejected', 'event.ended']
  const created = await Promise.all(all.map(async type => await call('POST', '/v1/webhooks', {
    token: admin, body: { url: 'https://hooks.example.com/', types: [type] }
  })))
  t.strictSame(created.map(({ status }) => status), [201, 201, 201, 201])
  const wanted = async () => (await db.collection<Row>('events').findOne({ _id: settingsId }))?.['wantedTypes']
  t.strictSame(await wanted(), all)
  const ids = created.map(({ body }) => body.id as string)
  const deleted = await Promise.all(ids.map(async id => await call('DELETE', `/v1/webhooks/${id}`, { token: admin })))
  t.strictSame(deleted.map(({ status }) => status), [204, 204, 204, 204])
  t.strictSame(await wanted(), [])
})

t.test('no outbox entry is added for a type without a webhook', async t => {
  const claimId = await claimAs()
  t.hasStrict(await db.collection<Row>('claims').findOne({ _id: claimId }), { outbox: undefined })
  t.strictSame(await db.collection('events').countDocuments({ outbox: { $exists: true } }), 0)
})

t.test('a delivery is listed with its status, and redeliver sends it again with the same id', async t => {
  const receiver = await startReceiver(t, call, admin, ['claim.granted'])
  const path = `/v1/webhooks/${receiver.webhook.id}/deliveries`
  const list = async (query = '') => (await call('GET', `${path}${query}`, { token: admin })).body.data
  await claimAs()
  const [delivery] = await eventually(async () => {
    const found = await list('?status=DELIVERED')
    return found.length > 0 && found
  })
  t.match(delivery, { type: 'claim.granted', status: 'DELIVERED', attempts: 1, lastStatus: 200 })
  t.strictSame(await list('?status=PENDING'), [])

  const again = await call('POST', `${path}/${delivery.id as string}/redeliver`, { token: admin })
  t.match(again, { status: 200, body: { id: delivery.id, status: 'PENDING' } })
  await eventually(async () => receiver.arrivals.length === 2 && (await list('?status=DELIVERED')).length === 1)
  const [first, second] = receiver.received()
  t.strictSame(first, second)
  t.equal(first?.id, delivery.messageId)
  t.match(await list(), [{ attempts: 2, status: 'DELIVERED' }])
  t.match((await call('GET', '/v1/audit/events', { token: admin })).body.data[0], {
    action: 'redeliver', targetType: 'WEBHOOK', targetId: receiver.webhook.id, after: { deliveryId: delivery.id }
  })

  await call('DELETE', `/v1/webhooks/${receiver.webhook.id}`, { token: admin })
  t.equal(await db.collection('deliveries').countDocuments(), 0)
})

t.test('409: a webhook whose receiver responded with 410 gets no more messages', async t => {
  const receiver = await startReceiver(t, call, admin, ['claim.granted'])
  receiver.answer = (_request, response) => { response.writeHead(410).end() }
  const { id } = receiver.webhook
  await claimAs()
  const disabled = await eventually(async () => {
    const { data } = (await call('GET', '/v1/webhooks', { token: admin })).body
    return data.find((webhook: { id: string, disabledAt?: string }) => webhook.id === id && webhook.disabledAt)
  })
  t.ok(disabled)
  const { data: [delivery] } = (await call('GET', `/v1/webhooks/${id}/deliveries`, { token: admin })).body
  const path = `/v1/webhooks/${id}/deliveries/${delivery.id as string}/redeliver`
  t.match(await call('POST', path, { token: admin }), { status: 409, body: { code: 'WEBHOOK_DISABLED' } })
  t.match(await db.collection<Row>('events').findOne({ _id: settingsId }), { wantedTypes: [] })
  const claimId = await claimAs()
  t.hasStrict(await db.collection<Row>('claims').findOne({ _id: claimId }), { outbox: undefined })
  t.equal(receiver.arrivals.length, 1)
})

t.test('an event that becomes ACTIVE is announced, whether by its creation or by a change', async t => {
  const receiver = await startReceiver(t, call, admin, ['event.activated'])
  const { body: created } = await call('POST', '/v1/events', { token: admin, body: startedEvent() })
  const rewards = [{ type: 'POINT', name: '5 points', amount: 5 }]
  const body = runningEvent(null, { rewards, name: 'Later' })
  const { body: later } = await call('POST', '/v1/events', { token: admin, body })
  const path = `/v1/events/${later.id as string}`
  for (const status of ['ACTIVE', 'INACTIVE', 'ACTIVE']) await call('PATCH', path, { token: admin, body: { status } })
  await call('PATCH', path, { token: admin, body: { name: 'Renamed' } })
  const ids = () => new Set(receiver.arrivals.map(({ headers }) => headers['webhook-id']))
  await eventually(async () => ids().size === 3)
  const messages = receiver.received()
  t.strictSame(messages.map(({ type, data }) => [type, data.eventId]), [
    ['event.activated', created.id], ['event.activated', later.id], ['event.activated', later.id]
  ])
  t.equal(messages.length, 3, 'each of them once')
})
