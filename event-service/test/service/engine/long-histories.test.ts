import type { Condition, Leaf } from '@laurel/shared/contracts'
import { Timestamp } from 'mongodb'
import t from 'tap'
import { aggregations } from '../../../src/domain/aggregations.ts'
import { decideClaim } from '../../../src/domain/decision.ts'
import { newEvent } from '../../../src/domain/event-changes.ts'
import { createEvidenceReader } from '../../../src/engine/evidence.ts'
import { createActivityStore } from '../../../src/stores/activities.ts'
import { createSnapshotStore } from '../../../src/stores/snapshots.ts'
import { activeEvent } from '../../../../test/kit/servers/events.ts'
import {
  as, atOnce, countByStatus, newUserId, type Row
} from '../../../../test/kit/servers/event-service.ts'
import { sharedEventService } from '../../../../test/kit/servers/shared-event-service.ts'
import { eventually } from '../../../../test/kit/run/eventually.ts'

const { call, db, did } = await sharedEventService()
const operator = as('OPERATOR')
const activities = db.collection<Row>('activities')
// The server saves without waiting for a majority, and reads what a majority has.
const snapshots = db.collection<Row>('snapshots', { readConcern: { level: 'majority' } })
const ignore = () => undefined
const minute = 60_000
const hour = 60 * minute
const dates = { startsAt: '2026-01-01T00:00:00Z', endsAt: '2027-01-01T00:00:00Z' }

/** Stores activities that arrived an hour ago. */
async function didLongAgo (userId: string, count: number, more: (index: number) => object = () => ({})): Promise<void> {
  const now = Math.floor(Date.now() / 1000)
  await activities.insertMany(Array.from({ length: count }, (_, index) => ({
    _id: `${userId}:game:old-${index}`,
    userId,
    type: 'quest.cleared',
    occurredAt: new Date(Date.now() - minute * (index % 1400)),
    receivedAt: new Timestamp({ t: now - 3600, i: index + 1 }),
    ...more(index)
  })))
}

async function progressOf (eventId: string, userId: string) {
  return (await call('GET', `/v1/events/${eventId}/progress`, { token: as('USER', userId) })).body
}

async function progressOfAll (events: readonly string[], userId: string) {
  return await Promise.all(events.map(async eventId => (await progressOf(eventId, userId)).progress))
}

async function claim (eventId: string, userId: string) {
  return await call('POST', `/v1/events/${eventId}/claims`, { token: as('USER', userId) })
}

async function evaluate (eventId: string, body: object) {
  return (await call('POST', `/v1/events/${eventId}/evaluate`, { token: operator, body })).body
}

/** Reads progress until there is a snapshot. */
async function makeSnapshot (eventId: string, userId: string): Promise<void> {
  await eventually(async () => {
    await progressOf(eventId, userId)
    return await snapshots.countDocuments({ userId }) === 1
  })
}

const leaf = (aggregation: Leaf['aggregation'], target: number, more: Partial<Leaf> = {}): Leaf =>
  ({ aggregation, activity: 'quest.cleared', target, ...more } as Leaf)
const count = (target: number): Leaf => leaf('count', target)

t.test('progress is the same with a snapshot, after later activities, and without any snapshot', async t => {
  const names = Object.keys(aggregations) as Array<Leaf['aggregation']>
  const conditions: Condition[] = [
    count(5000),
    { all: [count(1), { any: names.map(name => leaf(name, 50, { property: 'questId' })) }] },
    leaf('count', 9000, { where: [{ property: 'level', op: 'gt', value: 3 }] })
  ]
  const userId = newUserId()
  const events = await Promise.all(conditions.map(async condition =>
    await activeEvent(call, operator, condition, undefined, { timeZone: 'Asia/Seoul' })))
  const data = (index: number) => ({ questId: `q-${index % 60}`, level: index % 7 })
  await didLongAgo(userId, 5000, index => ({ value: (index % 1000) / 1000, data: data(index) }))
  const before = await progressOfAll(events, userId)
  await eventually(async () => await snapshots.countDocuments({ userId }) === conditions.length)
  t.strictSame(await progressOfAll(events, userId), before, 'with a snapshot')

  await did(userId, 'quest.cleared', { value: 0.5, data: { questId: 'a new one', level: 9 } })
  const after = await progressOfAll(events, userId)
  t.equal(after[0].current, 5001, 'later activities count')
  t.notOk(JSON.stringify(after) === JSON.stringify(before))
  await snapshots.deleteMany({})
  t.strictSame(await progressOfAll(events, userId), after, 'without any snapshot')
  t.equal((await claim(events[0] ?? '', userId)).status, 201)
})

t.test('a snapshot includes the activities that arrive after it', async t => {
  const userId = newUserId()
  const eventId = await activeEvent(call, operator, count(1))
  await didLongAgo(userId, 300)
  await makeSnapshot(eventId, userId)
  const { upTo } = await snapshots.findOne({ userId }) as Row
  const earlier = new Timestamp({ t: upTo.getHighBits() - 600, i: 1 })
  const later = new Timestamp({ t: upTo.getHighBits() - 1, i: 1 })
  await snapshots.updateOne({ userId }, { $set: { upTo: earlier } })
  await activities.insertMany(Array.from({ length: 300 }, (_, index) => ({
    _id: `${userId}:game:later-${index}`, userId, type: 'quest.cleared', occurredAt: new Date(), receivedAt: later
  })))
  for (let turn = 0; turn < 2; turn++) {
    t.equal((await progressOf(eventId, userId)).progress.current, 600)
    await eventually(async () => ((await snapshots.findOne({ userId })) as Row)['tallies'][0].units === 600)
  }
})

t.test('an activity that arrived in the second of the snapshot counts once', async t => {
  const userId = newUserId()
  const eventId = await activeEvent(call, operator, count(1))
  await didLongAgo(userId, 300)
  await makeSnapshot(eventId, userId)
  const { upTo } = await snapshots.findOne({ userId }) as Row
  await activities.insertMany([0, 1].map(i => ({
    _id: `${userId}:game:edge-${i}`,
    userId,
    type: 'quest.cleared',
    occurredAt: new Date(),
    receivedAt: new Timestamp({ t: upTo.getHighBits(), i })
  })))
  t.equal((await progressOf(eventId, userId)).progress.current, 302)
})

t.test('events with different dates that count the same are read together, each for its own dates', async t => {
  const userId = newUserId()
  const at = (hours: number) => new Date(Date.now() + hours * hour).toISOString()
  const spans = [[-10, 10], [-30, 5], [-3, 40], [-2, 1]] as const
  const events = await Promise.all(spans.map(async ([from, to]) =>
    await activeEvent(call, operator, count(1), undefined, { startsAt: at(from), endsAt: at(to) })))
  for (const hours of [-1, -2.5, -5, -20]) await did(userId, 'quest.cleared', { occurredAt: at(hours) })
  t.strictSame((await progressOfAll(events, userId)).map(({ current }) => current), [3, 4, 2, 1])
})

t.test('no more than 100,000 users with long histories are remembered', async t => {
  const own = Array.from({ length: 201 }, () => ({ type: 'quest.cleared', occurredAt: new Date() }))
  const store = {
    ...createActivityStore(db, ignore),
    ofUsers: async (userIds: readonly string[]) => userIds.map(userId => ({ userId, activities: own }))
  }
  const reader = createEvidenceReader(store, createSnapshotStore(db))
  const event = newEvent({ name: 'x', ...dates, condition: count(1) }, 'UTC', new Date())
  const read = async (userIds: readonly string[]) =>
    [...(await reader.readMany(userIds.map(userId => ({ event, userId, within: new Date() })))).values()]
  await read(['the first'])
  t.strictSame(await read(['the first']), [{ type: 'long' }])
  for (let ten = 0; ten < 10; ten++) {
    await read(Array.from({ length: 10_000 }, (_, index) => `user-${ten}-${String(index).padStart(6, '0')}`))
  }
  t.strictSame(await read(['the first']), [{ type: 'evidence', evidence: { activities: own } }])
})

t.test('an activity that happened long ago and arrives late counts, although there is a snapshot', async t => {
  const userId = newUserId()
  const eventId = await activeEvent(call, operator, count(401))
  await didLongAgo(userId, 400)
  await makeSnapshot(eventId, userId)
  await did(userId, 'quest.cleared', { occurredAt: new Date(Date.now() - 20 * hour).toISOString() })
  t.hasStrict(await progressOf(eventId, userId), { eligible: true, progress: { current: 401 } })
})

t.test('recent activities are not part of a snapshot, because earlier ones may become visible later', async t => {
  const userId = newUserId()
  const eventId = await activeEvent(call, operator, count(900))
  const sent = Array.from({ length: 300 }, (_, index) => ({ id: `new-${index}`, userId, type: 'quest.cleared' }))
  await call('POST', '/v1/activities', { token: as('ADMIN'), body: { activities: sent } })
  for (let turn = 0; turn < 3; turn++) t.equal((await progressOf(eventId, userId)).progress.current, 300)
  t.equal(await snapshots.countDocuments({ userId }), 0)
})

t.test('long histories do not affect others in the batch, wherever the read is cut off', async t => {
  const eventId = await activeEvent(call, operator, count(3))
  // In the order of the ids, the long histories are the first, one in the middle, and the last.
  const lengthOf = (index: number): number => [0, 20, 39].includes(index) ? 2500 : index % 2 === 0 ? 190 : 2
  const users = Array.from({ length: 40 }, (_, index) => `batch-${String(index).padStart(2, '0')}-${newUserId()}`)
  await Promise.all(users.map(async (userId, index) => await didLongAgo(userId, lengthOf(index))))
  const answers = await atOnce(users.length, async index => await claim(eventId, users[index] ?? ''))
  t.strictSame(countByStatus(answers), { 201: 21, 409: 19 })
  t.strictSame(answers.map(({ body }) => body.progress.current), users.map((_, index) => lengthOf(index)))
})

t.test('a read that is cut off continues with the user at which it stopped', async t => {
  const eventId = await activeEvent(call, operator, count(190))
  const users = Array.from({ length: 40 }, (_, index) => `cut-${String(index).padStart(2, '0')}-${newUserId()}`)
  for (const userId of users) await didLongAgo(userId, 190)
  const answers = await atOnce(users.length, async index => await claim(eventId, users[index] ?? ''))
  t.strictSame(countByStatus(answers), { 201: 40 })
})

t.test('a daily claim counts the activities of its day, also with a snapshot', async t => {
  const userId = newUserId()
  const eventId = await activeEvent(call, operator, count(1), undefined, { claimPeriod: 'DAY' })
  const today = new Date().toISOString().slice(0, 10)
  await didLongAgo(userId, 600)
  const stored = await activities.find({ userId }).toArray()
  const ofToday = stored.filter(({ occurredAt }) => occurredAt.toISOString().startsWith(today)).length
  for (let turn = 0; turn < 3; turn++) t.equal((await progressOf(eventId, userId)).progress.current, ofToday)
})

t.test('an evaluation at an instant counts the activities up to it, with and without a snapshot', async t => {
  const userId = newUserId()
  const eventId = await activeEvent(call, operator, count(1))
  await didLongAgo(userId, 500)
  const at = new Date(Date.now() - 100 * minute)
  const expected = await activities.countDocuments({ userId, occurredAt: { $lte: at } })
  for (let turn = 0; turn < 2; turn++) {
    t.equal((await evaluate(eventId, { userId, at: at.toISOString() })).progress.current, expected)
    t.equal((await evaluate(eventId, { userId })).progress.current, 500)
    await eventually(async () => await snapshots.countDocuments({ userId }) === 1)
  }
})

t.test('if there are too many distinct values for a snapshot, they are counted without one', async t => {
  const userId = newUserId()
  const eventId = await activeEvent(call, operator, leaf('unique_count', 1, { property: 'questId' }))
  await didLongAgo(userId, 10_050, index => ({ data: { questId: `q-${index}` } }))
  for (let turn = 0; turn < 2; turn++) t.equal((await progressOf(eventId, userId)).progress.current, 10_050)
  t.equal(await snapshots.countDocuments({ userId }), 0)
})

t.test('an event without a condition needs no evidence', async t => {
  const reader = createEvidenceReader(createActivityStore(db, ignore), createSnapshotStore(db))
  const event = newEvent({ name: 'x', ...dates }, 'UTC', new Date())
  const query = { event, userId: 'x', within: new Date() }
  t.strictSame([...(await reader.readMany([query])).values()], [{ type: 'evidence', evidence: { activities: [] } }])
  t.strictSame(await reader.readLong(query), { activities: [] })
  t.strictSame(await reader.readAll(query), { activities: [] })
  t.equal(decideClaim(event, { activities: [] }, new Date()).progress, null)
})
