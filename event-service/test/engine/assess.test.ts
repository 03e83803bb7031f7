import t from 'tap'
import { createAuditStore } from '@laurel/shared/mongo'
import { createAssessor, type Asking } from '../../src/engine/assess.ts'
import { createEvidenceReader } from '../../src/engine/evidence.ts'
import { createActivityStore } from '../../src/stores/activities.ts'
import { createEventStore } from '../../src/stores/events.ts'
import { createSnapshotStore } from '../../src/stores/snapshots.ts'
import { createStockStore } from '../../src/stores/stock.ts'
import { activeEvent } from '../../../test/kit/events.ts'
import { as, newUserId, startEventService, type Row } from '../../../test/kit/event-service.ts'

const { call, db } = await startEventService(t)

t.test('a history that was read for another day is read again', async t => {
  const eventId = await activeEvent(call, as('OPERATOR'), { aggregation: 'count', activity: 'quest.cleared', target: 1 })
  const { assess } = createAssessor(createEventStore(db, createAuditStore(db)), createEvidenceReader(createActivityStore(db), createSnapshotStore(db)))
  const yesterdays = { key: 'of yesterday', evidence: { activities: [] } }
  const again = await new Promise<Asking>((resolve, reject) => {
    const pending = { input: { eventId, userId: newUserId(), role: 'USER', known: yesterdays } as Asking, resolve: () => undefined, reject }
    assess([pending], new Date(), async input => { resolve(input) }).then(assessed => { t.strictSame(assessed, []) }, reject)
  })
  t.hasStrict(again, { known: { evidence: { activities: [] } } })
  t.not(again.known?.key, 'of yesterday')
})

t.test('what is sold out is remembered for so many events, then it begins anew', async t => {
  const stock = createStockStore(db)
  stock.noteSoldOut('first', 5)
  t.ok(stock.isSoldOut('first', 5))
  t.notOk(stock.isSoldOut('first', 6), 'there may be more now')
  for (let event = 0; event < 10_000; event++) stock.noteSoldOut(`event ${event}`, 5)
  t.notOk(stock.isSoldOut('first', 5))
})

t.test('leases that were used up end together, and soon', async t => {
  const stock = createStockStore(db)
  const leases = [await stock.take('an event', 2, 10), await stock.take('an event', 3, 10)]
  t.strictSame(leases.map(({ numbers }) => numbers), [[0, 1], [2, 3, 4]])
  for (const { id } of leases) await stock.settle('an event', id, [])
  const [fourth] = [await stock.take('an event', 1, 10)]
  t.strictSame(fourth?.others, [], 'with the next one')
  await stock.settle('an event', fourth?.id ?? '', [])
  const open = async () => (await db.collection<Row>('stock').findOne({ _id: 'an event' }))?.['leases'].length as number
  while (await open() > 0) await new Promise(resolve => setTimeout(resolve, 10))
  t.strictSame(await stock.available(new Map([['an event', 10], ['another', 7]])), new Map([['an event', 4], ['another', 7]]))
})
