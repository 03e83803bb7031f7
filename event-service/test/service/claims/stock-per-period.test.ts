import t from 'tap'
import type { Answer } from '../../../../test/kit/http/client.ts'
import { activeEvent, runningEvent } from '../../../../test/kit/servers/events.ts'
import { eventually } from '../../../../test/kit/run/eventually.ts'
import { as, atOnce, countByStatus, newUserId, type Row } from '../../../../test/kit/servers/event-service.ts'
import { sharedEventService } from '../../../../test/kit/servers/shared-event-service.ts'

const { call, server, db } = await sharedEventService()
const operator = as('OPERATOR')
const stock = db.collection<Row>('stock')
const claims = db.collection<Row>('claims')
const points = (amount: number | null) => ({ type: 'POINT', name: 'Points', amount: 1, stock: amount })
const longAgo = new Date(Date.now() - 60_000)
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index)
const dateOf = (day: number): string => `2026-01-0${day}`

/** A claim for an event that has ended is for its last day. */
async function start (amount: number | null, settings: object = {}): Promise<string> {
  return await activeEvent(call, operator, null, [points(amount)], {
    claimPeriod: 'DAY',
    stockPer: 'PERIOD',
    startsAt: '2026-01-01T00:00:00Z',
    endsAt: '2026-01-02T00:00:00Z',
    claimUntil: '2099-01-01T00:00:00Z',
    ...settings
  })
}

/** Moves the end of the event, so that this day of January 2026 is its current day. */
async function moveTo (eventId: string, day: number): Promise<void> {
  const body = { endsAt: `${dateOf(day + 1)}T00:00:00Z` }
  const { status } = await call('PATCH', `/v1/events/${eventId}`, { token: operator, body })
  if (status !== 200) throw new Error(`the end did not move: ${status}`)
}

const claim = async (eventId: string, userId = newUserId(), turn = 0): Promise<Answer> =>
  await server(turn)('POST', `/v1/events/${eventId}/claims`, { token: as('USER', userId) })
const stockOf = async (eventId: string, day: number): Promise<Row> =>
  await stock.findOne({ _id: `${eventId}_${dateOf(day)}` }) as Row

async function slotsOf (eventId: string, day: number): Promise<number[]> {
  const rows = await claims.find({ eventId, period: dateOf(day), periodSlot: { $exists: true } }).toArray()
  return rows.map(({ periodSlot }) => periodSlot as number).sort((a, b) => a - b)
}

for (const [servers, where] of [[1, 'one server'], [2, 'two servers']] as const) {
  t.test(`409 OUT_OF_STOCK: each day the whole stock is available again, to its last unit, at ${where}`, async t => {
    const eventId = await start(20)
    const users = upTo(60).map(() => newUserId())
    for (const day of [1, 2, 3]) {
      await moveTo(eventId, day)
      const answers = await Promise.all(users.map(async (user, index) => await claim(eventId, user, index % servers)))
      t.strictSame(countByStatus(answers), { 201: 20, 409: 40 })
      t.ok(answers.every(({ status, body }) =>
        status === 201 ? body.period === dateOf(day) : body.code === 'OUT_OF_STOCK'))
      t.strictSame(await slotsOf(eventId, day), upTo(20))
    }
    t.strictSame(await slotsOf(eventId, 1), upTo(20), 'the first day keeps its slots')
    t.equal(await claims.countDocuments({ eventId, slot: { $exists: true } }), 0)
  })
}

t.test('409 OUT_OF_STOCK: claims for two periods are kept apart in a race across the end of a day', async t => {
  const eventId = await start(20)
  const [answers] = await Promise.all([
    atOnce(200, async index => await claim(eventId, newUserId(), index)), moveTo(eventId, 2)
  ])
  const rest = await atOnce(40, async index => await claim(eventId, newUserId(), index))
  const granted = [...answers, ...rest].filter(({ status }) => status === 201)
  const onFirst = granted.filter(({ body }) => body.period === dateOf(1)).length
  t.ok(onFirst <= 20)
  t.equal(granted.length - onFirst, 20, 'the second day is sold out')
  t.strictSame(await slotsOf(eventId, 2), upTo(20))
})

t.test('201: a claim that waits across the end of a day uses the stock of the day for which it is decided', async t => {
  const eventId = await start(1)
  const lease = { id: 'of another process', numbers: [0], at: new Date() }
  const key = { eventId, stockPeriod: dateOf(1) }
  await stock.insertOne({ _id: `${eventId}_${dateOf(1)}`, ...key, next: 1, free: [], leases: [lease], gaps: false })
  const waiting = claim(eventId)
  await moveTo(eventId, 2)
  t.hasStrict(await waiting, { status: 201, body: { period: dateOf(2) } })
  t.hasStrict(await stockOf(eventId, 1), { next: 1, free: [] })
})

t.test('200: counts, statistics, progress and evaluations are of the current period', async t => {
  const eventId = await start(2, { grantMode: 'REVIEW' })
  const path = `/v1/events/${eventId}`
  const user = as('USER')
  const first = await claim(eventId)
  await claim(eventId)
  await call('POST', `/v1/claims/${first.body.id as string}/approve`, { token: operator, body: {} })
  const rewardNow = async () => (await call('GET', `${path}/rewards`, { token: operator })).body.data[0]
  await eventually(async () => (await rewardNow()).granted === 1)
  t.hasStrict(await rewardNow(), { stock: 2, granted: 1, held: 1, remaining: 0 })
  t.hasStrict((await call('GET', `${path}/progress`, { token: user })).body, { code: 'OUT_OF_STOCK' })

  await moveTo(eventId, 2)
  t.hasStrict(await rewardNow(), { stock: 2, granted: 0, held: 0, remaining: 2 })
  t.hasStrict((await call('GET', path, { token: operator })).body.rewards, [{ granted: 0, remaining: 2 }])
  t.hasStrict((await call('GET', `${path}/progress`, { token: user })).body, { eligible: true, period: dateOf(2) })
  const body = { userId: newUserId() }
  t.hasStrict((await call('POST', `${path}/evaluate`, { token: operator, body })).body, { eligible: true })
  t.hasStrict((await call('GET', `${path}/stats`, { token: operator })).body, {
    claims: { GRANTED: 1, PENDING: 1 }, rewards: [{ granted: 0, held: 0, remaining: 2 }]
  })
  const yesterday = { ...body, at: '2026-01-01T12:00:00Z' }
  t.hasStrict((await call('POST', `${path}/evaluate`, { token: operator, body: yesterday })).body, {
    eligible: false, code: 'OUT_OF_STOCK', period: dateOf(1)
  })
})

t.test('201: an unlimited event also counts each period', async t => {
  const eventId = await start(null)
  await claim(eventId)
  await moveTo(eventId, 2)
  await claim(eventId)
  const rewardNow = async () => (await call('GET', `/v1/events/${eventId}/rewards`, { token: operator })).body.data[0]
  // Counts are up to 5 s old.
  await eventually(async () => (await rewardNow()).granted === 1)
  t.hasStrict(await rewardNow(), { stock: null, granted: 1, held: 0, remaining: null })
})

t.test('a rejection returns the unit to its own day', async t => {
  const eventId = await start(1, { grantMode: 'REVIEW' })
  const first = await claim(eventId)
  await moveTo(eventId, 2)
  const second = await claim(eventId)
  const reason = { token: operator, body: { reason: 'A bot' } }
  t.equal((await call('POST', `/v1/claims/${first.body.id as string}/reject`, reason)).status, 200)
  t.hasStrict(await stockOf(eventId, 1), { free: [0] })
  t.hasStrict(await stockOf(eventId, 2), { free: [] })
  t.hasStrict(await claim(eventId), { status: 409, body: { code: 'OUT_OF_STOCK' } })
  await call('POST', `/v1/claims/${second.body.id as string}/reject`, reason)
  t.strictSame(countByStatus(await atOnce(5, async () => await claim(eventId))), { 201: 1, 409: 4 })
  const row = await claims.findOne({ _id: first.body.id }) as Row
  t.notOk('periodSlot' in row || 'slot' in row || 'releasing' in row)
})

t.test('the sweeper ends leases, finishes rejections and fills gaps of a period', async t => {
  const eventId = await start(10, { grantMode: 'REVIEW' })
  const answers = await atOnce(3, async () => await claim(eventId))
  const rejected = { status: 'REJECTED', releasing: '$periodSlot', updatedAt: longAgo }
  const [{ body: { id } } = { body: {} }] = answers
  await claims.updateOne({ _id: id }, [{ $set: rejected }, { $unset: 'periodSlot' }])
  const lease = { id: 'of a dead process', numbers: [0, 1, 2, 3, 4], at: longAgo }
  const _id = `${eventId}_${dateOf(1)}`
  await stock.updateOne({ _id }, { $set: { next: 10, free: [], gaps: true, leases: [lease] } })
  await moveTo(eventId, 2)
  await eventually(async () => {
    const { leases, gaps, free } = await stockOf(eventId, 1)
    return leases.length === 0 && gaps === false && free.length === 8
  })
  const held = await slotsOf(eventId, 1)
  t.strictSame((await stockOf(eventId, 1))['free'], upTo(10).filter(slot => !held.includes(slot)))
  t.equal(await claims.countDocuments({ eventId, releasing: { $exists: true } }), 0)
})

t.test('201: if another claim of the period holds a slot, the next slot is used', async t => {
  const eventId = await start(3)
  await claim(eventId)
  await stock.updateOne({ _id: `${eventId}_${dateOf(1)}` }, { $set: { free: [0] } })
  t.equal((await claim(eventId)).status, 201)
  t.strictSame(await slotsOf(eventId, 1), [0, 1])
})

t.test('400: an event with stock per period has no COUPON; 409 EVENT_FROZEN: stockPer cannot change', async t => {
  const coupon = { type: 'COUPON', name: 'A code' }
  const create = async (given: object): Promise<string> =>
    (await call('POST', '/v1/events', { token: operator, body: runningEvent(null, given) })).body.id
  const daily = await create({ claimPeriod: 'DAY', stockPer: 'PERIOD' })
  t.hasStrict(await call('POST', `/v1/events/${daily}/rewards`, { token: operator, body: coupon }), {
    status: 400, body: { errors: [{ pointer: '/type' }] }
  })
  const withCodes = await create({ rewards: [coupon] })
  const patch = async (id: string, body: object) => await call('PATCH', `/v1/events/${id}`, { token: operator, body })
  t.hasStrict(await patch(withCodes, { stockPer: 'PERIOD' }), {
    status: 400, body: { errors: [{ pointer: '/stockPer' }] }
  })
  t.hasStrict(await patch(daily, { stockPer: 'EVENT' }), { status: 200, body: { stockPer: 'EVENT' } })
  const eventId = await start(5)
  t.hasStrict(await patch(eventId, { stockPer: 'EVENT' }), { status: 409, body: { code: 'EVENT_FROZEN' } })
})

t.test('201: an event of an earlier version has one stock', async t => {
  const eventId = await start(1, { stockPer: 'EVENT' })
  await db.collection<Row>('events').updateOne({ _id: eventId }, { $unset: { stockPer: '' } })
  t.hasStrict(await call('GET', `/v1/events/${eventId}`, { token: operator }), { body: { stockPer: 'EVENT' } })
  t.equal((await claim(eventId)).status, 201)
  await moveTo(eventId, 2)
  t.hasStrict(await claim(eventId), { status: 409, body: { code: 'OUT_OF_STOCK' } })
})
