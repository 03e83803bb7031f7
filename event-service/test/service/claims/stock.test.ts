import t from 'tap'
import type { Answer } from '../../../../test/kit/http/client.ts'
import { activeEvent } from '../../../../test/kit/servers/events.ts'
import { inFullRun } from '../../../../test/kit/run/size.ts'
import { as, atOnce, countByStatus, newUserId, type Row } from '../../../../test/kit/servers/event-service.ts'
import { sharedEventService } from '../../../../test/kit/servers/shared-event-service.ts'
import { eventually } from '../../../../test/kit/run/eventually.ts'

const { call, server, did, db } = await sharedEventService()
const operator = as('OPERATOR')
const points = (stock: number | null) => ({ type: 'POINT', name: '500 points', amount: 500, stock })
const item = (stock: number | null) => ({ type: 'ITEM', name: 'A sword', itemId: 'sword', amount: 1, stock })
const claim = async (eventId: string, userId = newUserId(), turn = 0): Promise<Answer> =>
  await server(turn)('POST', `/v1/events/${eventId}/claims`, { token: as('USER', userId) })
const rewardsOf = async (eventId: string) =>
  (await call('GET', `/v1/events/${eventId}/rewards`, { token: operator })).body.data
const slotsOf = async (eventId: string): Promise<number[]> =>
  (
    await db
      .collection<Row>('claims')
      .find({ eventId, slot: { $exists: true } })
      .sort({ slot: 1 })
      .toArray()
  ).map(({ slot }) => slot)
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

const rush = inFullRun(500, 200)
for (const [servers, where] of [[1, 'one server'], [2, 'two servers']] as const) {
  t.test(`409 OUT_OF_STOCK: of ${rush} concurrent users at ${where}, 100 get the 100 units`, async t => {
    const eventId = await activeEvent(call, operator, null, [points(100), item(250), points(null)])
    const answers = await atOnce(rush, async index => await claim(eventId, newUserId(), index % servers))
    t.strictSame(countByStatus(answers), { 201: 100, 409: rush - 100 })
    t.ok(answers.every(({ status, body }) => status === 201 ? body.rewards.length === 3 : body.code === 'OUT_OF_STOCK'))
    t.strictSame(await slotsOf(eventId), upTo(100))
  })
}

t.test('409 ALREADY_CLAIMED: a user who claims many times uses one unit, and other users get theirs', async t => {
  const eventId = await activeEvent(call, operator, null, [points(3)])
  const users = [newUserId(), newUserId(), newUserId()]
  const answers = await atOnce(300, async index => await claim(eventId, users[index % 3], index % 2))
  t.strictSame(countByStatus(answers), { 201: 3, 409: 297 })
  t.ok(answers.every(({ status, body }) => status === 201 || body.code === 'ALREADY_CLAIMED'))
  t.strictSame(await slotsOf(eventId), [0, 1, 2])
  t.hasStrict(await claim(eventId), { status: 409, body: { code: 'OUT_OF_STOCK', progress: null } })
  t.hasStrict(
    await claim(eventId, users[0]),
    { status: 409, body: { code: 'ALREADY_CLAIMED' } },
    'a user who has the reward is ALREADY_CLAIMED, not OUT_OF_STOCK'
  )
})

t.test('409 OUT_OF_STOCK: the refusal is recorded, and raised stock can be claimed immediately', async t => {
  const eventId = await activeEvent(call, operator, null, [points(1), item(5)])
  const [limited] = await rewardsOf(eventId)
  const userId = newUserId()
  t.hasStrict((await call('GET', `/v1/events/${eventId}/progress`, { token: as('USER', userId) })).body, {
    eligible: true
  })
  await claim(eventId)
  t.hasStrict(await claim(eventId, userId), { status: 409, body: { code: 'OUT_OF_STOCK' } })
  t.hasStrict((await call('GET', `/v1/events/${eventId}/progress`, { token: as('USER', userId) })).body, {
    eligible: false,
    code: 'OUT_OF_STOCK',
    claim: { status: 'FAILED' }
  })
  t.hasStrict((await call('POST', `/v1/events/${eventId}/evaluate`, { token: operator, body: { userId } })).body, {
    eligible: false,
    code: 'OUT_OF_STOCK'
  })
  const raised = await call('PATCH', `/v1/events/${eventId}/rewards/${limited.id as string}`, {
    token: operator,
    body: { stock: 3 }
  })
  t.hasStrict(raised, { status: 200, body: { stock: 3, name: '500 points' } })
  t.hasStrict((await call('GET', `/v1/events/${eventId}/progress`, { token: as('USER', userId) })).body, {
    eligible: true
  })
  const granted = await claim(eventId, userId)
  t.hasStrict(granted, {
    status: 201,
    body: {
      status: 'GRANTED',
      attempts: 2,
      history: [
        { to: 'FAILED', code: 'OUT_OF_STOCK' },
        { from: 'FAILED', to: 'GRANTED' }
      ]
    }
  })
  t.hasStrict((await call('GET', `/v1/events/${eventId}/progress`, { token: as('USER', userId) })).body, {
    eligible: false,
    code: 'ALREADY_CLAIMED'
  })
})

t.test('201: stock that is raised during claims is granted to the last unit and not beyond', async t => {
  const eventId = await activeEvent(call, operator, null, [points(10)])
  const [{ id }] = await rewardsOf(eventId)
  const raise = async () => {
    for (const stock of [20, 30, 40, 50]) {
      await call('PATCH', `/v1/events/${eventId}/rewards/${id as string}`, { token: operator, body: { stock } })
    }
  }
  const [answers] = await Promise.all([atOnce(100, async index => await claim(eventId, newUserId(), index)), raise()])
  const early = countByStatus(answers)[201] ?? 0
  const late = await atOnce(60, async index => await claim(eventId, newUserId(), index))
  t.equal(early + (countByStatus(late)[201] ?? 0), 50)
  t.strictSame(await slotsOf(eventId), upTo(50))
})

t.test('409 CONDITIONS_NOT_MET: a refused claim uses no unit', async t => {
  const eventId = await activeEvent(call, operator, { aggregation: 'count', activity: 'quest.cleared', target: 1 }, [
    points(1)
  ])
  await atOnce(5, async () => await claim(eventId))
  const userId = newUserId()
  await did(userId, 'quest.cleared')
  t.equal((await claim(eventId, userId)).status, 201)
})

t.test('201: claims of all periods share one stock', async t => {
  const eventId = await activeEvent(call, operator, null, [points(2)], { claimPeriod: 'DAY' })
  const userId = newUserId()
  t.strictSame(countByStatus(await atOnce(20, async index => await claim(eventId, userId, index))), { 201: 1, 409: 19 })
  t.equal((await claim(eventId)).status, 201)
  t.hasStrict(await claim(eventId), { status: 409, body: { code: 'OUT_OF_STOCK' } })
})

t.test('a pending claim holds its unit, and a rejection makes the unit available exactly once', async t => {
  const eventId = await activeEvent(call, operator, null, [points(2)], { grantMode: 'REVIEW' })
  const [first, second] = [await claim(eventId), await claim(eventId)]
  t.hasStrict(first, { status: 201, body: { status: 'PENDING' } })
  t.hasStrict(await claim(eventId), { status: 409, body: { code: 'OUT_OF_STOCK' } })
  await call('POST', `/v1/claims/${first.body.id as string}/approve`, { token: operator, body: {} })
  const rejections = await atOnce(
    8,
    async index =>
      await server(index)('POST', `/v1/claims/${second.body.id as string}/reject`, {
        token: as('OPERATOR'),
        body: { reason: 'A bot' }
      })
  )
  t.strictSame(countByStatus(rejections), { 200: 1, 409: 7 })
  // If the other server has rejected the claim, this one remembers for 250 ms that the event is sold out.
  const again = await eventually(async () => {
    const answers = countByStatus(await atOnce(20, async () => await claim(eventId)))
    return answers[201] !== undefined && answers
  })
  t.strictSame(again, { 201: 1, 409: 19 })
  t.strictSame(countByStatus(await atOnce(20, async index => await claim(eventId, newUserId(), index))), { 409: 20 })
  t.strictSame(await slotsOf(eventId), [0, 1])
  const rejected = await db.collection<Row>('claims').findOne({ _id: second.body.id })
  t.notOk('slot' in (rejected ?? {}) || 'releasing' in (rejected ?? {}))
})

t.test('200: the counts of a reward show granted, held and remaining units', async t => {
  const eventId = await activeEvent(call, operator, null, [points(5), item(null)], { grantMode: 'REVIEW' })
  const { body } = await claim(eventId)
  await claim(eventId)
  await call('POST', `/v1/claims/${body.id as string}/approve`, { token: operator, body: {} })
  // Counts are up to 5 s old.
  await eventually(async () => {
    const [first] = await rewardsOf(eventId)
    return first.granted === 1 && first.held === 1
  })
  t.hasStrict(await rewardsOf(eventId), [
    { stock: 5, granted: 1, held: 1, remaining: 3 },
    { stock: null, granted: 1, held: 1, remaining: null }
  ])
})

t.test('201: if another claim holds a slot, the next slot is used', async t => {
  const eventId = await activeEvent(call, operator, null, [points(3)])
  await claim(eventId)
  await db.collection<Row>('stock').updateOne({ _id: eventId }, { $set: { free: [0] } })
  const other = await activeEvent(call, operator, { aggregation: 'count', activity: 'quest.cleared', target: 1 }, [
    points(1)
  ])
  t.hasStrict(await claim(eventId), { status: 201 }, 'the free list was wrong')
  await eventually(async () => (await db.collection<Row>('stock').findOne({ _id: eventId }))?.['leases'].length === 0)
  t.hasStrict(await db.collection<Row>('stock').findOne({ _id: eventId }), { free: [], next: 2 }, 'and it is corrected')
  const refused = newUserId()
  await claim(other, refused)
  await did(refused, 'quest.cleared')
  await db.collection<Row>('claims').updateOne({ eventId, slot: 1 }, { $set: { eventId: other, slot: 0 } })
  t.hasStrict(
    await claim(other, refused),
    { status: 409, body: { code: 'OUT_OF_STOCK' } },
    'even if the claim had been refused'
  )
})

t.test('leases of a crashed process delay only claims for the same units', async t => {
  const stock = db.collection<Row>('stock')
  const released = await activeEvent(call, operator, null, [points(1)])
  const leased = await activeEvent(call, operator, null, [points(1)])
  const unlimited = await activeEvent(call, operator, null, [points(null)])
  for (const eventId of [released, leased]) {
    const lease = { id: 'of a crashed process', numbers: [0], at: new Date() }
    await stock.insertOne({ _id: eventId, eventId, next: 1, free: [], leases: [lease], gaps: false })
  }
  const answered: string[] = []
  const claimAndNote = async (eventId: string): Promise<Answer> => {
    const answer = await claim(eventId)
    answered.push(eventId)
    return answer
  }
  const waiting = [claimAndNote(released), claimAndNote(leased)]
  t.equal((await claimAndNote(unlimited)).status, 201)
  t.strictSame(answered, [unlimited], 'the claim of another event does not wait')

  await stock.updateOne({ _id: released }, { $set: { free: [0], leases: [] } })
  const [first, second] = await Promise.all(waiting)
  t.equal(first?.status, 201, 'the unit was released in time')
  t.hasStrict(second, { status: 409, body: { code: 'OUT_OF_STOCK' } }, 'the unit was not released')
})
