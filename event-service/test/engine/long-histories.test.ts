import type { Condition } from '@laurel/shared/contracts'
import t from 'tap'
import { Timestamp } from 'mongodb'
import { createEvidenceReader } from '../../src/engine/evidence.ts'
import { newEvent } from '../../src/domain/event-changes.ts'
import type { RewardEvent } from '../../src/domain/event.ts'
import { decideClaim } from '../../src/domain/claim.ts'
import { createActivityStore } from '../../src/stores/activities.ts'
import { createSnapshotStore } from '../../src/stores/snapshots.ts'
import { activeEvent } from '../../../test/kit/events.ts'
import { as, atOnce, countByStatus, newUserId, startEventService, type Row } from '../../../test/kit/event-service.ts'
import { eventually } from '../../../test/kit/eventually.ts'

const { call, db, did } = await startEventService(t)
const operator = as('OPERATOR')
const activities = db.collection<Row>('activities')
const snapshots = db.collection<Row>('snapshots')
const minute = 60_000

/** Writes what arrived an hour ago, past what mongod says of when it arrived. */
async function didLongAgo (userId: string, count: number, more: (index: number) => object = () => ({})): Promise<void> {
  const now = Math.floor(Date.now() / 1000)
  await activities.insertMany(Array.from({ length: count }, (_, index) => ({
    _id: `${userId}:game:old-${index}`, userId, type: 'quest.cleared', occurredAt: new Date(Date.now() - minute * (index % 1400)), receivedAt: new Timestamp({ t: now - 3600, i: index + 1 }), ...more(index)
  })))
}

const progressOf = async (eventId: string, userId: string) => (await call('GET', `/v1/events/${eventId}/progress`, { token: as('USER', userId) })).body
const claim = async (eventId: string, userId: string) => await call('POST', `/v1/events/${eventId}/claims`, { token: as('USER', userId) })
const count = (target: number): Condition => ({ aggregation: 'count', activity: 'quest.cleared', target })

t.test('a long history is counted once, then only what arrived since is read, and every answer stays the same', async t => {
  const conditions: Condition[] = [
    count(5000),
    { aggregation: 'sum', activity: 'quest.cleared', target: 100_000 },
    { all: [{ aggregation: 'unique_count', activity: 'quest.cleared', property: 'questId', target: 50 }, { any: [{ aggregation: 'active_days', activity: 'quest.cleared', target: 3 }, { aggregation: 'streak', activity: 'quest.cleared', target: 2 }] }] },
    { aggregation: 'count', activity: 'quest.cleared', where: [{ property: 'level', op: 'gt', value: 3 }], target: 9000 }
  ]
  const userId = newUserId()
  const events = await Promise.all(conditions.map(async condition => await activeEvent(call, operator, condition, undefined, { timeZone: 'Asia/Seoul' })))
  await didLongAgo(userId, 5000, index => ({ value: (index % 1000) / 1000, data: { questId: `q-${index % 60}`, level: index % 7 } }))
  const before = await Promise.all(events.map(async eventId => (await progressOf(eventId, userId)).progress))
  await Promise.all(events.map(async eventId => await progressOf(eventId, userId)))
  await eventually(async () => await snapshots.countDocuments({ userId }) === conditions.length)
  for (const [index, eventId] of events.entries()) t.strictSame((await progressOf(eventId, userId)).progress, before[index], 'with a snapshot')

  await did(userId, 'quest.cleared', { value: 1.5, data: { questId: 'a new one', level: 9 } })
  const after = await Promise.all(events.map(async eventId => (await progressOf(eventId, userId)).progress))
  t.equal(after[0].current, 5001, 'what comes later counts')
  t.notOk(JSON.stringify(after) === JSON.stringify(before))
  await snapshots.deleteMany({})
  for (const [index, eventId] of events.entries()) t.strictSame((await progressOf(eventId, userId)).progress, after[index], 'without any snapshot')
  t.equal((await claim(events[0] ?? '', userId)).status, 201)
})

t.test('a snapshot grows with what arrives', async t => {
  const userId = newUserId()
  const eventId = await activeEvent(call, operator, count(1))
  await didLongAgo(userId, 300)
  await eventually(async () => { await progressOf(eventId, userId); return await snapshots.countDocuments({ userId }) === 1 })
  const { upTo } = await snapshots.findOne({ userId }) as Row
  const later = new Timestamp({ t: upTo.getHighBits() - 1, i: 1 })
  await snapshots.updateOne({ userId }, { $set: { upTo: new Timestamp({ t: upTo.getHighBits() - 600, i: 1 }) } })
  await activities.insertMany(Array.from({ length: 300 }, (_, index) => ({ _id: `${userId}:game:later-${index}`, userId, type: 'quest.cleared', occurredAt: new Date(), receivedAt: later })))
  for (let turn = 0; turn < 2; turn++) {
    t.equal((await progressOf(eventId, userId)).progress.current, 600)
    await eventually(async () => ((await snapshots.findOne({ userId })) as Row)['tallies'][0].units === 600)
  }
})

t.test('events of other dates that look at the same are read together, each for its own time', async t => {
  const userId = newUserId()
  const at = (hours: number) => new Date(Date.now() + hours * 3600_000).toISOString()
  const spans = [[-10, 10], [-30, 5], [-3, 40], [-2, 1]] as const
  const events = await Promise.all(spans.map(async ([from, to]) => await activeEvent(call, operator, count(1), undefined, { startsAt: at(from), endsAt: at(to) })))
  for (const hours of [-1, -2.5, -5, -20]) await did(userId, 'quest.cleared', { occurredAt: at(hours) })
  const found = await Promise.all(events.map(async eventId => (await progressOf(eventId, userId)).progress.current))
  t.strictSame(found, [3, 4, 2, 1])
})

t.test('whose history is long is remembered for so many users, then it begins anew', async t => {
  const activities = Array.from({ length: 201 }, () => ({ type: 'quest.cleared', occurredAt: new Date() }))
  const store = { ...createActivityStore(db), ofUsers: async (userIds: readonly string[]) => userIds.map(userId => ({ userId, activities })) }
  const reader = createEvidenceReader(store, createSnapshotStore(db))
  const event = { ...newEvent({ name: 'x', startsAt: '2026-01-01T00:00:00Z', endsAt: '2027-01-01T00:00:00Z', condition: count(1) }, 'UTC', new Date()) }
  const ask = async (userIds: readonly string[]) => await reader.readMany(userIds.map(userId => ({ event, userId, now: new Date() })))
  await ask(['the first'])
  t.strictSame(await ask(['the first']), [undefined], 'it is read apart')
  for (let ten = 0; ten < 10; ten++) await ask(Array.from({ length: 10_000 }, (_, index) => `user-${ten}-${String(index).padStart(6, '0')}`))
  t.equal((await ask(['the first']))[0]?.activities.length, 201)
})

t.test('what happened long ago and arrives late counts, though a snapshot is there', async t => {
  const userId = newUserId()
  const eventId = await activeEvent(call, operator, count(401))
  await didLongAgo(userId, 400)
  await progressOf(eventId, userId)
  await eventually(async () => { await progressOf(eventId, userId); return await snapshots.countDocuments({ userId }) === 1 })
  await did(userId, 'quest.cleared', { occurredAt: new Date(Date.now() - 20 * 3600_000).toISOString() })
  t.hasStrict(await progressOf(eventId, userId), { eligible: true, progress: { current: 401 } })
})

t.test('what arrived a moment ago goes into no snapshot: it could still be overtaken', async t => {
  const userId = newUserId()
  const eventId = await activeEvent(call, operator, count(900))
  await call('POST', '/v1/activities', { token: as('ADMIN'), body: { activities: Array.from({ length: 300 }, (_, index) => ({ id: `new-${index}`, userId, type: 'quest.cleared' })) } })
  for (let turn = 0; turn < 3; turn++) t.equal((await progressOf(eventId, userId)).progress.current, 300)
  t.equal(await snapshots.countDocuments({ userId }), 0)
})

t.test('a long history in a batch leaves the others their answers, however it is cut', async t => {
  const eventId = await activeEvent(call, operator, count(3))
  // Ids in their order: long ones at the begin, in the middle and at the end.
  const users = Array.from({ length: 40 }, (_, index) => `batch-${String(index).padStart(2, '0')}-${newUserId()}`)
  await Promise.all(users.map(async (userId, index) => await didLongAgo(userId, [0, 20, 39].includes(index) ? 2500 : index % 2 === 0 ? 190 : 2)))
  const answers = await atOnce(users.length, async index => await claim(eventId, users[index] ?? ''))
  t.strictSame(countByStatus(answers), { 201: 21, 409: 19 })
  t.strictSame(answers.map(({ body }) => body.progress.current), users.map((_, index) => [0, 20, 39].includes(index) ? 2500 : index % 2 === 0 ? 190 : 2))
})

t.test('more activities in a batch than one read brings are read on from where it was cut', async t => {
  const eventId = await activeEvent(call, operator, count(190))
  const users = Array.from({ length: 40 }, (_, index) => `cut-${String(index).padStart(2, '0')}-${newUserId()}`)
  for (const userId of users) await didLongAgo(userId, 190)
  const answers = await atOnce(users.length, async index => await claim(eventId, users[index] ?? ''))
  t.strictSame(countByStatus(answers), { 201: 40 })
})

t.test('a claim of each day counts its own day, with a snapshot too', async t => {
  const userId = newUserId()
  const eventId = await activeEvent(call, operator, count(1), undefined, { claimPeriod: 'DAY' })
  const today = new Date().toISOString().slice(0, 10)
  await didLongAgo(userId, 600)
  const own = (await activities.find({ userId }).toArray()).filter(({ occurredAt }) => occurredAt.toISOString().startsWith(today)).length
  for (let turn = 0; turn < 3; turn++) t.equal((await progressOf(eventId, userId)).progress.current, own)
})

t.test('evaluate with an instant counts what had happened by then, snapshot or not', async t => {
  const userId = newUserId()
  const eventId = await activeEvent(call, operator, count(1))
  await didLongAgo(userId, 500)
  const at = new Date(Date.now() - 100 * minute)
  const expected = await activities.countDocuments({ userId, occurredAt: { $lte: at } })
  for (let turn = 0; turn < 2; turn++) {
    t.equal((await call('POST', `/v1/events/${eventId}/evaluate`, { token: operator, body: { userId, at: at.toISOString() } })).body.progress.current, expected)
    t.equal((await call('POST', `/v1/events/${eventId}/evaluate`, { token: operator, body: { userId } })).body.progress.current, 500)
    await eventually(async () => await snapshots.countDocuments({ userId }) === 1)
  }
})

t.test('more values than a snapshot should hold are counted, and make none', async t => {
  const userId = newUserId()
  const eventId = await activeEvent(call, operator, { aggregation: 'unique_count', activity: 'quest.cleared', property: 'questId', target: 1 })
  await didLongAgo(userId, 10_050, index => ({ data: { questId: `q-${index}` } }))
  for (let turn = 0; turn < 2; turn++) t.equal((await progressOf(eventId, userId)).progress.current, 10_050)
  t.equal(await snapshots.countDocuments({ userId }), 0)
})

t.test('an event that asks for nothing needs no reading', async t => {
  const reader = createEvidenceReader(createActivityStore(db), createSnapshotStore(db))
  const event: RewardEvent = newEvent({ name: 'x', startsAt: '2026-01-01T00:00:00Z', endsAt: '2027-01-01T00:00:00Z' }, 'UTC', new Date())
  const question = { event, userId: 'x', now: new Date() }
  t.strictSame([await reader.readMany([question]), await reader.readLong(question), await reader.readAll(question)], [[{ activities: [] }], { activities: [] }, []])
  t.equal(decideClaim(event, { activities: [] }, new Date()).progress, null)
})
