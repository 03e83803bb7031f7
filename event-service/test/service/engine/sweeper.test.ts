import t from 'tap'
import type { Db } from 'mongodb'
import { createSweeper, type Sweeper } from '../../../src/engine/sweeper.ts'
import { createStores } from '../../../src/stores/index.ts'
import { createStockStore } from '../../../src/stores/stock.ts'
import type { WarningLog } from '../../../src/warning-log.ts'
import { ownDatabase } from '../../../../test/kit/mongo/database.ts'
import { activeEvent } from '../../../../test/kit/servers/events.ts'
import {
  as, atOnce, countByStatus, newUserId, startEventService, type Row
} from '../../../../test/kit/servers/event-service.ts'
import { eventually } from '../../../../test/kit/run/eventually.ts'

const operator = as('OPERATOR')
const points = (stock: number) => [{ type: 'POINT', name: 'Points', amount: 1, stock }]
const longAgo = new Date(Date.now() - 60_000)
const range = (from: number, length: number) => Array.from({ length }, (_, index) => from + index)

function sweeperOf (db: Db, warn: WarningLog['warn'] = () => undefined): Sweeper {
  return createSweeper({ ...createStores(db, () => undefined), log: { warn } })
}

const { call, db } = await startEventService(t)
const stock = db.collection<Row>('stock')
const claims = db.collection<Row>('claims')
const claim = async (eventId: string) =>
  await call('POST', `/v1/events/${eventId}/claims`, { token: as('USER', newUserId()) })
const stockOf = async (eventId: string) => await stock.findOne({ _id: eventId }) as Row

/** Grants an event to this many new users in one request. Returns how many of them get it. */
async function grantTo (eventId: string, users: number): Promise<number> {
  const grants = Array.from({ length: users }, () => ({ userId: newUserId() }))
  const body = { grants, condition: 'WAIVE', reason: 'a test' }
  const answer = await call('POST', `/v1/events/${eventId}/grants`, { token: operator, body })
  return answer.body.results.filter(({ ok }: { ok: boolean }) => ok).length
}

t.test('the slots that a dead process leased are returned, except those that its claims hold', async t => {
  const eventId = await activeEvent(call, operator, null, points(10))
  t.strictSame(countByStatus(await atOnce(3, async () => await claim(eventId))), { 201: 3 })
  const lease = { id: 'of a dead process', numbers: [0, ...range(2, 8)], at: longAgo }
  await stock.updateOne({ _id: eventId }, { $set: { next: 10, free: [], leases: [lease] } })
  await eventually(async () => (await stockOf(eventId))['leases'].length === 0)
  t.strictSame((await stockOf(eventId))['free'], range(3, 7))
  t.strictSame(countByStatus(await atOnce(20, async () => await claim(eventId))), { 201: 7, 409: 13 })
})

t.test('a lease that has not expired is kept', async t => {
  const eventId = await activeEvent(call, operator, null, points(10))
  const lease = { id: 'in use', numbers: [3, 4], at: new Date() }
  await stock.insertOne({ _id: eventId, eventId, next: 5, free: [], gaps: false, leases: [lease] })
  await sweeperOf(db).sweep()
  t.equal((await stockOf(eventId))['leases'].length, 1)
})

t.test('a rejection whose process died is finished, even if the slot was already returned', async t => {
  const eventId = await activeEvent(call, operator, null, points(2), { grantMode: 'REVIEW' })
  const [first, second] = [await claim(eventId), await claim(eventId)]
  for (const { body } of [first, second]) {
    const rejected = { status: 'REJECTED', releasing: '$slot', updatedAt: longAgo }
    await claims.updateOne({ _id: body.id }, [{ $set: rejected }, { $unset: 'slot' }])
  }
  const { releasing } = await claims.findOne({ _id: first.body.id }) as Row
  await stock.updateOne({ _id: eventId }, { $set: { free: [releasing] } })
  const sweeper = sweeperOf(db)
  await Promise.all([sweeper.sweep(), sweeper.sweep()])
  t.equal(await claims.countDocuments({ releasing: { $exists: true } }), 0)
  t.strictSame(countByStatus(await atOnce(10, async () => await claim(eventId))), { 201: 2, 409: 8 })
})

t.test('free slots that are not listed are found and granted, to the last one', async t => {
  const eventId = await activeEvent(call, operator, null, points(1600))
  await claim(eventId)
  await claims.updateOne({ eventId }, { $set: { slot: 1550 } })
  const leases = [
    { id: 'of a dead process', numbers: range(0, 1500), at: longAgo },
    { id: 'in use', numbers: [1599], at: new Date(Date.now() + 60_000) }
  ]
  await stock.updateOne({ _id: eventId }, { $set: { next: 1600, free: [], leases } })
  const sweeper = sweeperOf(db)
  await sweeper.sweep()
  const { free, gaps } = await stockOf(eventId)
  t.ok(free.length <= 1000 && gaps === true, 'the document stays small')
  let granted = 1
  for (let round = 0; round < 4; round++) {
    granted += await grantTo(eventId, 450)
    await sweeper.sweep()
  }
  t.equal(granted, 1599, 'all except the leased one')
  t.equal((await stockOf(eventId))['gaps'], false)
})

t.test('at most 1,000 free slots are listed', async t => {
  const eventId = await activeEvent(call, operator, null, points(3000))
  await claim(eventId)
  await claims.updateOne({ eventId }, { $set: { slot: 2000 } })
  await stock.updateOne({ _id: eventId }, { $set: { next: 3000, free: [], leases: [], gaps: true } })
  await sweeperOf(db).sweep()
  t.hasStrict(await stockOf(eventId), { free: range(0, 1000), gaps: true })
})

t.test('a slot that is returned during the search for free slots is not lost: the mark stays', async t => {
  // Without a server, because its own sweeper would interfere.
  const { client, name } = ownDatabase(t, 'stock')
  const stock = client.db(name).collection<Row>('stock')
  const eventId = 'e-1'
  await stock.insertOne({ _id: eventId, eventId, next: 10, free: [], leases: [], gaps: true })
  const store = createStockStore(client.db(name))
  const readGaps = async () => {
    const [gaps] = await store.withGaps(10)
    if (gaps === undefined) throw new Error('the document has no gaps')
    return gaps
  }
  const before = await readGaps()
  await store.returnSlot({ eventId }, 7)
  await store.fillGaps(before, [1], true)
  t.hasStrict(await stock.findOne({ _id: eventId }), { free: [1, 7], gaps: true })
  await store.fillGaps(await readGaps(), [2], true)
  t.hasStrict(await stock.findOne({ _id: eventId }), { free: [1, 2, 7], gaps: false })
})

t.test('a pool whose process died is numbered, and the stock is raised', async t => {
  const eventId = await activeEvent(call, operator, null, [{ type: 'COUPON', name: 'A code' }])
  const path = `/v1/events/${eventId}/rewards`
  const [{ id: rewardId }] = (await call('GET', path, { token: operator })).body.data
  const codes = ['a', 'b', 'c'].map(code => ({
    _id: `${eventId}_${rewardId as string}_${code}`, eventId, rewardId, code, waiting: true
  }))
  await db.collection<Row>('couponCodes').insertMany(codes)
  await sweeperOf(db).sweep()
  const stockOf = async () => (await call('GET', `${path}/${rewardId as string}`, { token: operator })).body.stock
  t.equal(await stockOf(), 3)
  t.equal((await claim(eventId)).status, 201)
  await db.collection<Row>('events').updateOne({ _id: eventId }, { $set: { 'rewards.0.stock': 1 } })
  await db.collection<Row>('couponPools').updateOne({ eventId }, { $set: { raising: true } })
  await sweeperOf(db).sweep()
  t.equal(await stockOf(), 3, 'the codes were already numbered')
  // The sweeper of the server marks a pool again while it searches for codes without numbers.
  await eventually(async () => await db.collection('couponPools').countDocuments({ raising: true }) === 0)
})

t.test('an item that fails is logged and does not affect the others', async t => {
  const warnings: string[] = []
  const eventId = await activeEvent(call, operator, null, [{ type: 'COUPON', name: 'A code' }])
  const path = `/v1/events/${eventId}/rewards`
  const [{ id: rewardId }] = (await call('GET', path, { token: operator })).body.data
  const gone = { eventId: '0', rewardId: '0' }
  await db.collection<Row>('couponCodes').insertMany([gone, { eventId, rewardId }].map((pool, index) => ({
    _id: `code-${index}`, ...pool, code: 'x', waiting: true
  })))
  const sweeper = sweeperOf(db, (_error, message) => { warnings.push(message) })
  await sweeper.sweep()
  t.strictSame(warnings, ['a sweep failed; retrying in 1 second'])
  t.equal((await call('GET', `${path}/${rewardId as string}`, { token: operator })).body.stock, 1)
  await sweeper.close()
})
