import t from 'tap'
import type { Webhook } from '../../../src/domain/webhook.ts'
import { createStores } from '../../../src/stores/index.ts'
import { createAnnounce } from '../../../src/webhooks/announce.ts'
import { createWebhookWorker } from '../../../src/webhooks/worker.ts'
import { activeEvent } from '../../../../test/kit/servers/events.ts'
import { as, startEventService, type Row } from '../../../../test/kit/servers/event-service.ts'
import { eventually } from '../../../../test/kit/run/eventually.ts'

const { call, db } = await startEventService(t)
const stores = createStores(db, () => undefined)

t.test('a round that is woken is followed by another one immediately, and close ends them', async t => {
  const reads: Array<() => void> = []
  const read = async (count: number): Promise<void> => {
    await eventually(async () => reads.length === count)
    reads[count - 1]?.()
  }
  const findActive = async (): Promise<Webhook[]> => {
    await new Promise<void>(resolve => { reads.push(resolve) })
    return []
  }
  const worker = createWebhookWorker({
    ...stores,
    webhooks: { ...stores.webhooks, findActive },
    allowed: [],
    log: { warn: () => undefined },
    onAttempt: () => undefined,
    idleInterval: 600_000
  })
  worker.start()
  worker.wake()
  // A round reads the webhooks when it starts and when it sends.
  await read(1)
  await read(2)
  await eventually(async () => reads.length === 3)
  const closed = worker.close()
  await read(3)
  await closed
  worker.wake()
  await new Promise(setImmediate)
  t.equal(reads.length, 3)
})

t.test('low stock is noted for each event, even with more events than one command reads', async t => {
  const rewards = [{ type: 'POINT', name: 'Points', amount: 1, stock: 1 }]
  const eventId = await activeEvent(call, as('OPERATOR'), null, rewards)
  await call('POST', `/v1/events/${eventId}/claims`, { token: as('USER') })
  const copies = Array.from({ length: 150 }, (_, index) => `copy-${index}`)
  const [events, stock] = [db.collection<Row>('events'), db.collection<Row>('stock')]
  const rowsOf = async (rows: typeof events) => await eventually(async () => {
    const row = await rows.findOne({ _id: eventId })
    return row?.['leases']?.length !== 1 && row
  })
  const [event, level] = [await rowsOf(events), await rowsOf(stock)]
  await events.insertMany(copies.map(_id => ({ ...event, _id })))
  await stock.insertMany(copies.map(_id => ({ ...level, _id, eventId: _id })))
  await events.insertOne({ ...event, _id: 'damaged', rewards: null })
  await events.insertOne({ ...event, _id: 'without a claim' })

  const receiver = { types: ['reward.sold_out'], createdAt: new Date(0) } as unknown as Webhook
  await createAnnounce(stores)([receiver], new Date())
  const noted = await stock.find({ noted: { $exists: true } }).toArray()
  t.strictSame(noted.map(({ _id }) => _id).sort(), [...copies, eventId].sort())
})
