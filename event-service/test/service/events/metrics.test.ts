import { connectMongo } from '@laurel/shared/mongo'
import { Registry } from 'prom-client'
import t from 'tap'
import { newDelivery, newMessage } from '../../../src/domain/webhook.ts'
import { addPauseMetric, addWebhookMetric } from '../../../src/metrics.ts'
import { collections, createStores } from '../../../src/stores/index.ts'
import { ownDatabase } from '../../../../test/kit/mongo/database.ts'
import { activeEvent } from '../../../../test/kit/servers/events.ts'
import { as, newUserId, startEventService, type Row } from '../../../../test/kit/servers/event-service.ts'

const operator = as('OPERATOR')
const points = (stock: number) => [{ type: 'POINT', name: 'Points', amount: 1, stock }]
const readMetrics = async (url: string) => await (await fetch(`${url}/metrics`)).text()

t.test('/metrics counts claim requests by outcome and the requests of each batch, without user ids', async t => {
  const { call, url } = await startEventService(t)
  const claim = async (eventId: string, userId = newUserId()) =>
    await call('POST', `/v1/events/${eventId}/claims`, { token: as('USER', userId) })
  const eventId = await activeEvent(call, operator, null, points(1))
  const userId = newUserId()
  await claim(eventId, userId)
  await claim(eventId, userId)
  await claim(eventId)
  await claim(await activeEvent(call, operator, null, undefined, { grantMode: 'REVIEW' }))
  await call('GET', `/v1/events/${eventId}/progress`, { token: as('USER') })
  const text = await readMetrics(url)
  for (const outcome of ['GRANTED', 'ALREADY_CLAIMED', 'OUT_OF_STOCK', 'PENDING']) {
    t.match(text, `laurel_claims_total{outcome="${outcome}"} 1`)
  }
  t.match(text, 'laurel_batch_requests_count{of="claims"} 4')
  t.match(text, 'laurel_batch_requests_count{of="progress"} 1')
  t.notMatch(text, userId)
})

t.test('/metrics shows the remaining stock of running events with limited rewards, and of no others', async t => {
  const { call, url, db } = await startEventService(t)
  const limited = await activeEvent(call, operator, null, points(3))
  const unlimited = await activeEvent(call, operator, null)
  const ended = await activeEvent(call, operator, null, points(3))
  await db.collection<Row>('events').updateOne({ _id: ended }, { $set: { endsAt: new Date(Date.now() - 1000) } })
  await call('POST', `/v1/events/${limited}/claims`, { token: as('USER') })
  const text = await readMetrics(url)
  t.match(text, `laurel_stock_remaining{event="${limited}"} 2`)
  for (const other of [unlimited, ended]) t.notMatch(text, other)
})

t.test('/metrics shows whether granting is paused, and omits it while MongoDB does not respond', async t => {
  const { call, url } = await startEventService(t)
  const pause = async (paused: boolean) =>
    await call('PUT', '/v1/pause', { token: as('ADMIN'), body: { paused, reason: 'A mistake in an event' } })
  const shown = async () => /^laurel_granting_paused (\S+)$/m.exec(await readMetrics(url))?.[1]
  t.equal(await shown(), '0')
  await pause(true)
  t.equal(await shown(), '1')
  await pause(false)
  t.equal(await shown(), '0')

  const metrics = new Registry()
  addPauseMetric({ metrics }, { find: async () => { throw new Error('MongoDB does not answer') } })
  t.notMatch(await metrics.metrics(), /^laurel_granting_paused/m)
})

t.test('/metrics shows how long the oldest message has been waiting: an outbox entry, or a due delivery', async t => {
  const { db, close } = await connectMongo(ownDatabase(t, 'event').uri, 'laurel', 'test', collections)
  t.teardown(close)
  const stores = createStores(db, () => undefined)
  const metrics = new Registry()
  addWebhookMetric({ metrics }, stores)
  const delay = async () => Number(/^laurel_webhook_oldest_due_seconds (\S+)$/m.exec(await metrics.metrics())?.[1])
  const ago = (seconds: number) => new Date(Date.now() - seconds * 1000)
  const deliver = async (webhookId: string, at: Date) => {
    const message = newMessage('claim.granted', String(at.getTime()), 1, at, {})
    await stores.deliveries.insert([newDelivery(message, webhookId, at)])
  }
  const webhooks = db.collection<Row>('webhooks')
  await webhooks.insertOne({ _id: 'active', types: ['claim.granted'] })
  await webhooks.insertOne({ _id: 'disabled', types: ['claim.granted'], disabledAt: new Date() })
  t.equal(await delay(), 0)
  await deliver('disabled', ago(9000))
  await deliver('active', ago(-9000))
  t.equal(await delay(), 0, 'nothing is due')
  const near = (found: number, seconds: number) => found >= seconds && found < seconds + 60
  await deliver('active', ago(1000))
  t.ok(near(await delay(), 1000))
  await db.collection<Row>('claims').insertOne({ _id: 'c', outbox: [], outboxSince: ago(3000) })
  t.ok(near(await delay(), 3000))
})
