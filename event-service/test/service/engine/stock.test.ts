import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { createSoldOutMemory } from '../../../src/stores/sold-out.ts'
import { createStockStore } from '../../../src/stores/stock.ts'
import { ownDatabase } from '../../../../test/kit/mongo/database.ts'
import { atOnce, type Row } from '../../../../test/kit/servers/event-service.ts'
import { eventually } from '../../../../test/kit/run/eventually.ts'

t.test('concurrent requests for the first slots of an event get different slots', async t => {
  const { client, name } = ownDatabase(t, 'stock')
  const stores = [createStockStore(client.db(name)), createStockStore(client.db(name))] as const
  for (let round = 0; round < 10; round++) {
    const key = { eventId: `event-${round}` }
    const leases = await atOnce(20, async index => await stores[index % 2 === 0 ? 0 : 1].acquireLease(key, 2, 100))
    const slots = leases.flatMap(({ slots }) => slots).sort((a, b) => a - b)
    t.strictSame(slots, Array.from({ length: 40 }, (_, index) => index))
  }
})

t.test('leases without unused slots end together, after a short time', async t => {
  const { client, name } = ownDatabase(t, 'stock')
  const stock = createStockStore(client.db(name))
  const key = { eventId: 'an event' }
  const leases = [await stock.acquireLease(key, 2, 10), await stock.acquireLease(key, 3, 10)]
  t.strictSame(leases.map(({ slots }) => slots), [[0, 1], [2, 3, 4]])
  for (const { id } of leases) await stock.releaseLease(key, id, [])
  const last = await stock.acquireLease(key, 1, 10)
  t.strictSame(last.others, [], 'they end with the next lease')

  await stock.releaseLease(key, last.id, [])
  const rows = client.db(name).collection<Row>('stock')
  await eventually(async () => (await rows.findOne({ _id: key.eventId }))?.['leases'].length === 0)
  const capacities = new Map([['an event', 10], ['another', 7]])
  t.strictSame(await stock.available(capacities), new Map([['an event', 4], ['another', 7]]))
})

t.test('a sold-out event is remembered, unless its capacity was raised or a slot was returned', async t => {
  const soldOut = createSoldOutMemory()
  soldOut.add('an event', 5)
  t.ok(soldOut.has('an event', 5))
  t.notOk(soldOut.has('an event', 6), 'a higher capacity')
  soldOut.delete('an event')
  t.notOk(soldOut.has('an event', 5), 'a slot returned')
  soldOut.add('an event', 5)
  await sleep(260)
  t.notOk(soldOut.has('an event', 5), 'it was sold out less than 250 ms ago')
})

t.test('at most 10,000 sold-out events are remembered', async t => {
  const soldOut = createSoldOutMemory()
  soldOut.add('first', 5)
  for (let event = 0; event < 10_000; event++) soldOut.add(`event ${event}`, 5)
  t.notOk(soldOut.has('first', 5))
})
