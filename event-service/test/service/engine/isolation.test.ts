import type { Collection } from 'mongodb'
import t from 'tap'
import { Failed } from '../../../src/batch.ts'
import { newEvent } from '../../../src/domain/event-changes.ts'
import { createAssessor } from '../../../src/engine/assess.ts'
import { createClaimBatch } from '../../../src/engine/claim-batch.ts'
import type { ClaimGroup, ClaimRequest } from '../../../src/engine/claim-group.ts'
import type { EvidenceQuery } from '../../../src/engine/evidence-query.ts'
import { createEvidenceReader } from '../../../src/engine/evidence.ts'
import { withGrants } from '../../../src/engine/grant-evidence.ts'
import { createGroupCommit } from '../../../src/engine/group-commit.ts'
import { createSlotAllocator } from '../../../src/engine/slots.ts'
import { createRecordClaims } from '../../../src/stores/claim-record.ts'
import type { ClaimDocument } from '../../../src/stores/claim-documents.ts'
import { createStores } from '../../../src/stores/index.ts'
import { activeEvent } from '../../../../test/kit/servers/events.ts'
import {
  as, atOnce, countByStatus, newUserId, startEventService, type Row
} from '../../../../test/kit/servers/event-service.ts'
import { eventually } from '../../../../test/kit/run/eventually.ts'
import { grantTo } from '../../support/attempts.ts'

const { call, db, did } = await startEventService(t)
const operator = as('OPERATOR')
const events = db.collection<Row>('events')
const claims = db.collection<Row>('claims')
const stores = createStores(db, () => undefined)
const questCleared = { aggregation: 'count', activity: 'quest.cleared', target: 1 } as const
const limited = [{ type: 'POINT', name: 'Points', amount: 1, stock: 1000 }]

async function claim (eventId: string, userId = newUserId()) {
  return await call('POST', `/v1/events/${eventId}/claims`, { token: as('USER', userId) })
}

async function progress (eventId: string, userId = newUserId()) {
  return await call('GET', `/v1/events/${eventId}/progress`, { token: as('USER', userId) })
}

/** Returns a query for an event that counts this activity. */
function queryFor (activity: string): EvidenceQuery {
  const dates = { startsAt: '2026-01-01T00:00:00Z', endsAt: '2027-01-01T00:00:00Z' }
  const condition = { aggregation: 'count', activity, target: 1 } as const
  return {
    event: newEvent({ name: 'x', ...dates, condition }, 'UTC', new Date()), userId: newUserId(), within: new Date()
  }
}

const damages = {
  'its rewards are missing': { rewards: null },
  'its condition is text': { condition: 'anything' },
  'its time zone does not exist': { timeZone: 'Mars/Olympus' },
  'its start is text': { startsAt: 'tomorrow' },
  'its end is missing': { endsAt: null }
}

for (const [damage, fields] of Object.entries(damages)) {
  t.test(`500 for requests for a damaged event: ${damage}; the rest of the batch is decided`, async t => {
    const good = [await activeEvent(call, operator, null, limited), await activeEvent(call, operator)]
    const bad = await activeEvent(call, operator, null, limited)
    await events.updateOne({ _id: bad }, { $set: fields })
    const eventOf = (index: number): string => index % 10 === 0 ? bad : good[index % 2] ?? ''
    t.strictSame(countByStatus(await atOnce(50, async index => await claim(eventOf(index)))), { 201: 45, 500: 5 })
    t.strictSame(countByStatus(await atOnce(50, async index => await progress(eventOf(index)))), { 200: 45, 500: 5 })
  })
}

t.test('500 for a user whose activities are damaged; the rest of the batch is decided', async t => {
  const where = [{ property: 'level', op: 'gt' as const, value: 3 }]
  const eventId = await activeEvent(call, operator, { ...questCleared, where })
  const users = Array.from({ length: 10 }, newUserId)
  for (const userId of users) await did(userId, 'quest.cleared', { data: { level: 9 } })
  await db.collection<Row>('activities').updateOne({ userId: users[3] }, { $set: { data: null } })
  const standings = await atOnce(10, async index => await progress(eventId, users[index]))
  t.strictSame(countByStatus(standings), { 200: 9, 500: 1 })
  t.equal((await call('GET', '/v1/users/me/events?limit=1', { token: as('USER', users[3]) })).status, 500)
  t.strictSame(countByStatus(await atOnce(10, async index => await claim(eventId, users[index]))), { 201: 9, 500: 1 })
})

t.test('500 for a claim whose row is damaged; the rest of the batch is granted', async t => {
  const eventId = await activeEvent(call, operator, questCleared)
  const users = Array.from({ length: 10 }, newUserId)
  t.strictSame(countByStatus(await atOnce(10, async index => await claim(eventId, users[index]))), { 409: 10 })
  await claims.updateOne({ eventId, userId: users[3] }, { $set: { history: 'lost' } })
  for (const userId of users) await did(userId, 'quest.cleared')
  t.strictSame(countByStatus(await atOnce(10, async index => await claim(eventId, users[index]))), { 201: 9, 500: 1 })
})

t.test('500 for a claim that MongoDB rejects; its slot is returned, and the rest of the batch is granted', async t => {
  const eventId = await activeEvent(call, operator, null, [{ type: 'POINT', name: 'Points', amount: 1, stock: 10 }])
  const refused = newUserId()
  await db.command({ collMod: 'claims', validator: { userId: { $ne: refused } } })
  const answers = await atOnce(10, async index => await claim(eventId, index === 3 ? refused : undefined))
  await db.command({ collMod: 'claims', validator: {} })
  t.strictSame(countByStatus(answers), { 201: 9, 500: 1 })
  await db.collection<Row>('stock').updateOne({ _id: eventId }, { $set: { 'leases.$[].at': new Date(0) } })
  await eventually(async () => (await claim(eventId)).status === 201)
})

t.test('503 for a claim whose winner is not visible; the rest of the batch is granted', async t => {
  const [first, second] = [await activeEvent(call, operator), await activeEvent(call, operator)]
  // A second unique index simulates replication lag: a collision with a row that is not visible to reads.
  const partialFilterExpression = { eventId: { $in: [first, second] } }
  await claims.createIndex({ userId: 1 }, { unique: true, name: 'in the way', partialFilterExpression })
  t.teardown(async () => { await claims.dropIndex('in the way') })
  const userId = newUserId()
  t.equal((await claim(first, userId)).status, 201)
  const answers = await atOnce(10, async index => await claim(second, index === 3 ? userId : undefined))
  t.strictSame(countByStatus(answers), { 201: 9, 503: 1 })
})

t.test('503 for a claim whose coupon code is missing; the rest of the batch is granted', async t => {
  const eventId = await activeEvent(call, operator, null, [{ type: 'COUPON', name: 'A code' }])
  const path = `/v1/events/${eventId}/rewards`
  const [{ id: rewardId }] = (await call('GET', path, { token: operator })).body.data
  await call('POST', `${path}/${rewardId as string}/codes`, { token: operator, body: { codes: ['a', 'b', 'c'] } })
  await db.collection<Row>('couponCodes').deleteOne({ eventId, number: 1 })
  t.strictSame(countByStatus(await atOnce(3, async () => await claim(eventId))), { 201: 2, 503: 1 })
})

t.test('500 for claims of an event whose stock document is damaged; the rest of the batch is granted', async t => {
  const good = await activeEvent(call, operator, null, limited)
  const bad = await activeEvent(call, operator, null, limited)
  const damaged = { _id: bad, eventId: bad, next: 'many', free: [], leases: [], gaps: false }
  await db.collection<Row>('stock').insertOne(damaged)
  const answers = await atOnce(10, async index => await claim(index % 5 === 0 ? bad : good))
  t.strictSame(countByStatus(answers), { 201: 8, 500: 2 })
})

t.test('a claim whose slot collides fails alone if it cannot be recorded with another slot', async t => {
  const eventId = await activeEvent(call, operator, null, limited)
  await claim(eventId)
  await db.collection<Row>('stock').updateOne({ _id: eventId }, { $set: { free: [0] } })
  let records = 0
  const record: typeof stores.claims.record = async batch => {
    records += 1
    if (records > 1) throw new Error('away')
    return await stores.claims.record(batch)
  }
  const submit = createGroupCommit(createClaimBatch({
    assessor: createAssessor(stores.events, createEvidenceReader(stores.activities, stores.snapshots)),
    claims: { ...stores.claims, record },
    slots: createSlotAllocator(stores.stock, stores.coupons)
  }), { maxWeight: 2 })
  const request = (): ClaimRequest => ({ eventId, userId: newUserId(), role: 'USER', requestId: 'r' })
  t.match(await Promise.allSettled([submit(request()), submit(request())]), [
    { status: 'rejected', reason: { message: 'away' } },
    { status: 'fulfilled', value: { type: 'granted', claim: { slot: 1 } } }
  ])
})

t.test('slots whose coupon codes cannot be read are returned', async t => {
  const coupons = { ...stores.coupons, codesOf: async () => { throw new Error('away') } }
  const slots = createSlotAllocator(stores.stock, coupons)
  const eventId = await activeEvent(call, operator, null, [{ type: 'COUPON', name: 'A code' }])
  await events.updateOne({ _id: eventId }, { $set: { 'rewards.0.stock': 5 } })
  const event = (await stores.events.findMany([eventId])).get(eventId)
  if (event === undefined || event instanceof Failed) throw new Error('the event cannot be read')
  const key = { eventId, userId: newUserId(), period: 'EVENT' }
  const group: ClaimGroup = {
    key,
    event,
    at: new Date(),
    wantedTypes: [],
    decision: { status: 'GRANTED', period: 'EVENT', progress: null, rewards: [] },
    members: [{ index: 0, request: { ...key, role: 'USER', requestId: 'r' } }]
  }
  const { ready, outcomes, leases } = await slots.acquire([group])
  t.strictSame([ready.length, outcomes.length, leases.map(({ slots }) => slots)], [0, 1, [[0]]])
})

t.test('a read of evidence that fails does not affect reads of other types', async t => {
  const activities = {
    ...stores.activities,
    ofUsers: async (...[userIds, window, limit]: Parameters<typeof stores.activities.ofUsers>) => {
      if (window.types.includes('broken')) throw new Error('away')
      return await stores.activities.ofUsers(userIds, window, limit)
    }
  }
  const reader = createEvidenceReader(activities, stores.snapshots)
  const queries = ['broken', 'quest.cleared'].map(queryFor)
  const outcomes = [...(await reader.readMany(queries)).values()]
  t.match(outcomes, [{ type: 'failed', error: { message: 'away' } }, { evidence: { activities: [] } }])
})

t.test('a read of grants that fails affects only the conditions that count them', async t => {
  const away = { ...stores.claims, standingGrants: async () => { throw new Error('away') } }
  const reader = withGrants(createEvidenceReader(stores.activities, stores.snapshots), { ...stores, claims: away })
  const queries = ['event.granted', 'quest.cleared'].map(queryFor)
  const outcomes = [...(await reader.readMany(queries)).values()]
  t.match(outcomes, [{ type: 'failed', error: { message: 'away' } }, { evidence: { activities: [] } }])
})

t.test('activities that MongoDB or its driver rejects fail only their own requests', async t => {
  const refused = newUserId()
  await db.command({ collMod: 'activities', validator: { userId: { $ne: refused } } })
  t.teardown(async () => { await db.command({ collMod: 'activities', validator: {} }) })
  const sent = (userId: string, data = {}) =>
    ({ sender: 'game', id: newUserId(), userId, type: 'quest.cleared', occurredAt: new Date(), data })
  const known = sent(newUserId())
  await stores.activities.insert([[known]])
  const unsendable = sent(newUserId(), { 'a\0b': 1 })
  const requests = [[sent('a'), known], [sent('b'), sent(refused)], [unsendable], [sent('c')], []]
  t.match(await stores.activities.insert(requests), [
    { accepted: 1, duplicates: 1 },
    { type: 'failed', error: { name: 'MongoServerError', code: 121 } },
    { type: 'failed', error: { name: 'BSONError' } },
    { accepted: 1, duplicates: 0 },
    { accepted: 0, duplicates: 0 }
  ])
})

t.test('claims that lost a race fail separately if the winning decisions cannot be read', async t => {
  const collection = db.collection<ClaimDocument>('claims')
  const blind = Object.create(collection, {
    find: { value: () => { throw new Error('away') } }
  }) as Collection<ClaimDocument>
  const winner = [grantTo(newUserId())] as const
  await createRecordClaims(collection)([winner])
  t.match(await createRecordClaims(blind)([[grantTo(newUserId())], winner]), [
    { type: 'accepted' },
    { type: 'failed', error: { message: 'away' } }
  ])
})

t.test('a batch recognizes its own claim after a retried write', async t => {
  const collection = db.collection<ClaimDocument>('claims')
  const repeating = Object.create(collection, {
    insertMany: {
      value: async (...rows: Parameters<typeof collection.insertMany>) => {
        await collection.insertMany(...rows)
        return await collection.insertMany(...rows)
      }
    }
  }) as Collection<ClaimDocument>
  const userId = newUserId()
  t.match(await createRecordClaims(repeating)([[grantTo(userId)]]), [{ type: 'accepted', claim: { userId } }])
})
