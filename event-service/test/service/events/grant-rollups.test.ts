import fc from 'fast-check'
import t from 'tap'
import type { UnreadableDocumentError } from '@laurel/shared/mongo'
import { totalOf } from '../../../src/domain/grants-by-day.ts'
import type { ClaimDocument } from '../../../src/stores/claim-documents.ts'
import { createGrantCounter, type RollupOptions } from '../../../src/stores/grant-rollups.ts'
import { assertAsyncProperty } from '../../../../test/kit/run/property.ts'
import { activeEvent } from '../../../../test/kit/servers/events.ts'
import { as, atOnce, newUserId, type Row } from '../../../../test/kit/servers/event-service.ts'
import { sharedEventService } from '../../../../test/kit/servers/shared-event-service.ts'

const { call, db, server } = await sharedEventService()
const [operator, admin] = [as('OPERATOR'), as('ADMIN')]
const claims = db.collection<Row>('claims')
const rollups = db.collection<Row>('grantRollups')
const second = 1000
const hour = 3600 * second
const start = Date.UTC(2026, 0, 1)

interface GrantRow {
  readonly eventId: string
  readonly grantedAt: Date
  readonly status?: 'GRANTED' | 'REVOKED'
}

async function insertGrants (rows: readonly GrantRow[]): Promise<string[]> {
  const all = rows.map(row => ({ _id: `${row.eventId}_${newUserId()}_EVENT`, status: 'GRANTED', ...row }))
  if (all.length > 0) await claims.insertMany(all)
  return all.map(({ _id }) => _id)
}

/** Returns an event, and a function that counts its grants by a clock that the test sets. */
function counting (options: RollupOptions = {}) {
  const event = { id: newUserId(), timeZone: 'Asia/Seoul', dayStartsAt: '05:00' }
  const clock = { now: start }
  const unreadable: UnreadableDocumentError[] = []
  const now = (): Date => new Date(clock.now)
  const count = createGrantCounter(db, db.collection<ClaimDocument>('claims'), row => unreadable.push(row), {
    minSaved: 1, step: 4, now, ...options
  })
  return {
    event,
    clock,
    unreadable,
    count: async () => await count(event),
    rollup: async () => await rollups.findOne({ _id: event.id }),
    grant: async (ages: readonly number[]) => await insertGrants(
      ages.map(age => ({ eventId: event.id, grantedAt: new Date(clock.now - age) })))
  }
}

t.test('counts with rollups equal counts without them, for any history', async t => {
  const age = fc.oneof(fc.integer({ min: 0, max: 200 * second }), fc.constantFrom(0, 1, 100 * second))
  const step = fc.oneof(
    fc.record({ type: fc.constant('grant' as const), ages: fc.array(age, { maxLength: 12 }) }),
    fc.record({ type: fc.constant('revoke' as const), which: fc.nat() }),
    fc.record({ type: fc.constant('wait' as const), time: fc.integer({ min: 0, max: 48 * hour }) }),
    fc.record({ type: fc.constant('count' as const) })
  )
  const history = fc.record({
    earlier: fc.array(fc.integer({ min: 0, max: 1000 * hour }), { maxLength: 20 }),
    steps: fc.array(step, { maxLength: 20 }),
    minSaved: fc.integer({ min: 1, max: 5 }),
    size: fc.integer({ min: 1, max: 6 })
  })
  await assertAsyncProperty(fc.asyncProperty(history, async ({ earlier, steps, minSaved, size }) => {
    const { event, clock, count, grant } = counting({ minSaved, step: size })
    const ids = await grant(earlier)
    for (const step of steps) {
      if (step.type === 'wait') clock.now += step.time
      else if (step.type === 'count') await count()
      else if (step.type === 'grant') ids.push(...await grant(step.ages))
      else await claims.updateOne({ _id: ids[step.which % ids.length] ?? '' }, { $set: { status: 'REVOKED' } })
    }
    const sorted = (days: ReadonlyMap<string, number>) => [...days].sort(([a], [b]) => a < b ? -1 : 1)
    const found = sorted(await count())
    await rollups.deleteOne({ _id: event.id })
    t.strictSame(found, sorted(await count()))
    t.equal(totalOf(new Map(found)), ids.length)
  }), 300)
})

t.test('statistics, rewards and simulations are the same with rollups and without them', async t => {
  const rewards = [{ type: 'POINT', name: 'Points', amount: 1, stock: 5000 }]
  const eventId = await activeEvent(call, operator, null, rewards, { grantMode: 'REVIEW', timeZone: 'Asia/Seoul' })
  const claim = async (): Promise<string> => {
    const { body } = await call('POST', `/v1/events/${eventId}/claims`, { token: as('USER') })
    return body.id
  }
  const approve = async (id: string) => await call('POST', `/v1/claims/${id}/approve`, { token: operator, body: {} })
  /** Returns the responses of both servers that contain counts, without the times of the counts. */
  async function read (): Promise<string[]> {
    const paths = ['', '/stats', '/rewards'].map(path => `/v1/events/${eventId}${path}`)
    const answers = await Promise.all([0, 1].flatMap(turn =>
      paths.map(async path => await server(turn)('GET', path, { token: operator }))))
    return answers.map(({ status, body }) => JSON.stringify({ status, body }).replaceAll(/"asOf":"[^"]*"/g, ''))
  }

  const first = await claim()
  await approve(first)
  const { _id, ...row } = await claims.findOne({ _id: first }) as Row
  await claims.insertMany(Array.from({ length: 1000 }, (_, index) => ({
    ...row,
    _id: `${eventId}_old-${index}_EVENT`,
    userId: `old-${index}`,
    slot: 100 + index,
    grantedAt: new Date(start + index * hour / 4)
  })))
  const [{ body: before }] = [await call('GET', `/v1/events/${eventId}/stats`, { token: operator })]
  t.match(before, { claims: { GRANTED: 1001, PENDING: 0 }, days: [{ date: '2026-01-01', granted: 60 }] })
  t.equal(await rollups.countDocuments({ _id: eventId }), 1)

  const [revoked, , approved] = [`${eventId}_old-7_EVENT`, await claim(), await claim()]
  await approve(approved)
  t.equal((await call('POST', `/v1/claims/${revoked}/revoke`, { token: admin, body: { reason: 'a bot' } })).status, 200)
  const withRollup = await read()
  t.equal(await rollups.countDocuments({ _id: eventId }), 1)
  await rollups.deleteMany({})
  t.strictSame(await read(), withRollup)
  t.match((await call('GET', `/v1/events/${eventId}/stats`, { token: operator })).body, {
    claims: { GRANTED: 1001, PENDING: 1, REVOKED: 1 }, rewards: [{ granted: 1002, held: 1, remaining: 3997 }]
  })
})

t.test('concurrent counts agree, and the rollup never moves back', async t => {
  const { event, clock, count, grant, rollup } = counting()
  await grant(Array.from({ length: 100 }, (_, index) => hour + index))
  const same = await atOnce(8, count)
  t.strictSame(same.map(totalOf), Array(8).fill(100))
  const { before } = await rollup() as Row
  const behind = createGrantCounter(db, db.collection<ClaimDocument>('claims'), () => undefined, {
    minSaved: 1, now: () => new Date(clock.now - 50 * second)
  })
  await grant([0])
  t.equal(totalOf(await behind(event)), 101)
  t.strictSame((await rollup())?.['before'], before)
})

t.test('a rollup contains only grants that are older than the longest write', async t => {
  const { count, grant, rollup } = counting()
  await grant([0, 239 * second, 240 * second, 241 * second])
  t.equal(totalOf(await count()), 4)
  t.match(await rollup(), { before: new Date(start - 240 * second), days: [{ date: '2026-01-01', granted: 1 }] })
})

t.test('the age of a grant is measured with the clock of MongoDB if this process is ahead', async t => {
  const { clock, count, grant, rollup } = counting()
  clock.now = Date.now() + hour
  await grant([2 * hour, hour + second])
  t.equal(totalOf(await count()), 2)
  t.match((await rollup())?.['days'], [{ granted: 1 }])
})

t.test('after a clock was set back, grants before the end of a rollup are counted', async t => {
  const { clock, count, grant, rollup } = counting()
  await grant([hour, 2 * hour])
  t.equal(totalOf(await count()), 2)
  clock.now -= hour / 2
  await grant([0])
  t.equal(totalOf(await count()), 3)
  clock.now += hour
  t.equal(totalOf(await count()), 3)
  t.match(await rollup(), { before: new Date(clock.now - 240 * second) })
})

const noNumber = [{ date: '2026-01-01' }]
for (const damage of [{ days: 'lost' }, { days: noNumber }, { before: 'yesterday' }, { before: null }]) {
  t.test(`a damaged rollup is replaced: ${JSON.stringify(damage)}`, async t => {
    const { event, count, grant, rollup, unreadable } = counting()
    await grant([hour, 2 * hour])
    await count()
    const good = await rollup() as Row
    await rollups.updateOne({ _id: event.id }, { $set: damage })
    t.equal(totalOf(await count()), 2)
    t.match(unreadable, [{ collection: 'grantRollups', id: event.id }])
    t.strictSame(await rollup(), { ...good, madeAt: (await rollup())?.['madeAt'] })
  })
}

t.test('a rollup that cannot be saved changes no count', async t => {
  const { event, count, grant, rollup } = counting()
  await grant([hour, 2 * hour])
  await db.command({ collMod: 'grantRollups', validator: { _id: { $ne: event.id } } })
  t.equal(totalOf(await count()), 2)
  await db.command({ collMod: 'grantRollups', validator: {} })
  t.equal(await rollup(), null)
})

t.test('a rollup keeps the time at which it was begun, so that MongoDB removes it', async t => {
  const { clock, count, grant, rollup } = counting()
  await grant([hour])
  await count()
  const { madeAt } = await rollup() as Row
  clock.now += hour
  await grant([0])
  clock.now += hour
  await count()
  t.match(await rollup(), { madeAt, days: [{ granted: 2 }] })
})

t.test('an event with many grants is counted in steps, and each step is saved', async t => {
  const { event, count, grant, rollup } = counting({ step: 10 })
  await grant(Array.from({ length: 30 }, (_, index) => hour + index * second))
  let steps = 0
  const failing = Object.create(db.collection('claims'), {
    aggregate: {
      value: (...given: Parameters<typeof claims.aggregate>) => {
        const [match] = given[0] ?? []
        if (match?.['$match'].grantedAt.$lt !== undefined && ++steps === 3) throw new Error('away')
        return claims.aggregate(...given)
      }
    }
  })
  const options = { minSaved: 1, step: 10, now: () => new Date(start) }
  const failingCount = createGrantCounter(db, failing, () => undefined, options)
  await t.rejects(failingCount(event), { message: 'away' })
  const { days } = await rollup() as Row
  t.equal(days[0].granted, 21)
  t.equal(totalOf(await count()), 30)
})
