import t, { type Test } from 'tap'
import { createAuditStore } from '@laurel/shared/mongo'
import type { Db } from 'mongodb'
import type { AuditTarget } from '../../src/domain/audit.ts'
import { createSweeper, type Sweeper } from '../../src/engine/sweeper.ts'
import { createClaimStore } from '../../src/stores/claims.ts'
import { createCouponStore } from '../../src/stores/coupons.ts'
import { createEventStore } from '../../src/stores/events.ts'
import { createStockStore } from '../../src/stores/stock.ts'
import { ownDatabase } from '../../../test/kit/database.ts'
import { activeEvent } from '../../../test/kit/events.ts'
import { as, atOnce, countByStatus, newUserId, startEventService, type Row } from '../../../test/kit/event-service.ts'
import { eventually } from '../../../test/kit/eventually.ts'

const operator = as('OPERATOR')
const points = (stock: number) => [{ type: 'POINT', name: 'Points', amount: 1, stock }]
const longAgo = new Date(Date.now() - 60_000)

function sweeperOf (db: Db, log = { warn: () => undefined }): Sweeper {
  const audits = createAuditStore<AuditTarget>(db)
  return createSweeper({ claims: createClaimStore(db, audits), coupons: createCouponStore(db, audits), events: createEventStore(db, audits), stock: createStockStore(db), log })
}

async function start (t: Test) {
  const service = await startEventService(t)
  const claim = async (eventId: string) => await service.call('POST', `/v1/events/${eventId}/claims`, { token: as('USER', newUserId()) })
  return { ...service, claim, stock: service.db.collection<Row>('stock'), claims: service.db.collection<Row>('claims') }
}

t.test('units that a dead process had taken are sold again, but for those that its claims hold', async t => {
  const { call, claim, stock } = await start(t)
  const eventId = await activeEvent(call, operator, null, points(10))
  t.strictSame(countByStatus(await atOnce(3, async () => await claim(eventId))), { 201: 3 })
  await stock.updateOne({ _id: eventId }, { $set: { next: 10, free: [], leases: [{ id: 'of a dead process', numbers: [0, 2, 3, 4, 5, 6, 7, 8, 9], at: longAgo }] } })
  await eventually(async () => (await stock.findOne({ _id: eventId }))?.['leases'].length === 0)
  t.strictSame((await stock.findOne({ _id: eventId }))?.['free'], [3, 4, 5, 6, 7, 8, 9])
  t.strictSame(countByStatus(await atOnce(20, async () => await claim(eventId))), { 201: 7, 409: 13 })
})

t.test('a lease that is young is left alone', async t => {
  const { call, db, stock } = await start(t)
  const eventId = await activeEvent(call, operator, null, points(10))
  await stock.insertOne({ _id: eventId, eventId, next: 5, free: [], gaps: false, leases: [{ id: 'at work', numbers: [3, 4], at: new Date() }] })
  await sweeperOf(db).sweep()
  t.equal((await stock.findOne({ _id: eventId }))?.['leases'].length, 1)
})

t.test('a rejection whose process died is finished, also when it had put the unit back already', async t => {
  const { call, claim, stock, claims, db } = await start(t)
  const eventId = await activeEvent(call, operator, null, points(2), { grantMode: 'REVIEW' })
  const [first, second] = [await claim(eventId), await claim(eventId)]
  for (const { body } of [first, second]) {
    await claims.updateOne({ _id: body.id }, [{ $set: { status: 'REJECTED', releasing: '$slot', updatedAt: longAgo } }, { $unset: 'slot' }])
  }
  const { slot } = { slot: (await claims.findOne({ _id: first.body.id }))?.['releasing'] }
  await stock.updateOne({ _id: eventId }, { $set: { free: [slot] } })
  const sweeper = sweeperOf(db)
  await Promise.all([sweeper.sweep(), sweeper.sweep()])
  t.equal(await claims.countDocuments({ releasing: { $exists: true } }), 0)
  t.strictSame(countByStatus(await atOnce(10, async () => await claim(eventId))), { 201: 2, 409: 8 })
})

t.test('more free numbers than are listed are found again, and sold to the last one', async t => {
  const { call, claim, claims, stock, db } = await start(t)
  const eventId = await activeEvent(call, operator, null, points(1600))
  await claim(eventId)
  await claims.updateOne({ eventId }, { $set: { slot: 1550 } })
  await stock.updateOne({ _id: eventId }, { $set: { next: 1600, free: [], leases: [{ id: 'of a dead process', numbers: Array.from({ length: 1500 }, (_, index) => index), at: longAgo }, { id: 'at work', numbers: [1599], at: new Date(Date.now() + 60_000) }] } })
  const sweeper = sweeperOf(db)
  await sweeper.sweep()
  const found = await stock.findOne({ _id: eventId })
  t.ok((found?.['free'].length as number) <= 1000 && found?.['gaps'] === true, 'the document stays small')
  let sold = 1
  for (let round = 0; round < 4; round++) {
    const { 201: granted = 0 } = countByStatus(await atOnce(450, async () => await claim(eventId)))
    sold += granted
    await sweeper.sweep()
  }
  t.equal(sold, 1599, 'all but the one that somebody holds')
  t.equal((await stock.findOne({ _id: eventId }))?.['gaps'], false)
})

t.test('of many free numbers as many are listed as the document should hold', async t => {
  const { call, claim, claims, stock, db } = await start(t)
  const eventId = await activeEvent(call, operator, null, points(3000))
  await claim(eventId)
  await claims.updateOne({ eventId }, { $set: { slot: 2000 } })
  await stock.updateOne({ _id: eventId }, { $set: { next: 3000, free: [], leases: [], gaps: true } })
  await sweeperOf(db).sweep()
  t.hasStrict(await stock.findOne({ _id: eventId }), { free: Array.from({ length: 1000 }, (_, index) => index), gaps: true })
})

t.test('numbers that come back while others are looked for are not forgotten: the mark stays', async t => {
  // No server, whose sweeper would look as well.
  const { client, name } = ownDatabase(t, 'stock')
  const db = client.db(name)
  const [eventId, stock] = ['e-1', db.collection<Row>('stock')]
  await stock.insertOne({ _id: eventId, eventId, next: 10, free: [], leases: [], gaps: true })
  const store = createStockStore(db)
  const [found] = await store.withGaps(10)
  if (found === undefined) throw new Error('it has gaps')
  await store.putBack(eventId, 7)
  await store.fillGaps(found, [1], true)
  t.hasStrict(await stock.findOne({ _id: eventId }), { free: [1, 7], gaps: true })
  const [again] = await store.withGaps(10)
  if (again === undefined) throw new Error('it has gaps')
  await store.fillGaps(again, [2], true)
  t.hasStrict(await stock.findOne({ _id: eventId }), { free: [1, 2, 7], gaps: false })
})

t.test('a pool whose process died is numbered, and the stock tells it', async t => {
  const { call, claim, db } = await start(t)
  const eventId = await activeEvent(call, operator, null, [{ type: 'COUPON', name: 'A code' }])
  const [{ id: rewardId }] = (await call('GET', `/v1/events/${eventId}/rewards`, { token: operator })).body.data
  const codes = ['a', 'b', 'c'].map(code => ({ _id: `${eventId}_${rewardId as string}_${code}`, eventId, rewardId, code, waiting: true }))
  await db.collection<Row>('couponCodes').insertMany(codes)
  await sweeperOf(db).sweep()
  const stockOf = async () => (await call('GET', `/v1/events/${eventId}/rewards/${rewardId as string}`, { token: operator })).body.stock
  t.equal(await stockOf(), 3)
  t.equal((await claim(eventId)).status, 201)
  await db.collection<Row>('events').updateOne({ _id: eventId }, { $set: { 'rewards.0.stock': 1 } })
  await db.collection<Row>('couponPools').updateOne({ eventId }, { $set: { raising: true } })
  await sweeperOf(db).sweep()
  t.equal(await stockOf(), 3, 'numbered, and not told yet')
  t.equal(await db.collection('couponPools').countDocuments({ raising: true }), 0)
})

t.test('what fails is logged, spoils no other step, and is tried again', async t => {
  const { db } = await start(t)
  const warnings: string[] = []
  await db.collection<Row>('couponCodes').insertOne({ _id: 'x', eventId: 'gone', rewardId: 'gone', code: 'x', waiting: true })
  const sweeper = sweeperOf(db, { warn: (_error: unknown, message: string) => { warnings.push(message) } } as { warn: () => undefined })
  await sweeper.sweep()
  t.strictSame(warnings, ['sweeping failed; it is tried again'])
  await sweeper.close()
})
