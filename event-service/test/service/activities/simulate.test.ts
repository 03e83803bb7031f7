import t from 'tap'
import { requireEvent } from '../../../src/domain/event.ts'
import { createEvidenceReader } from '../../../src/engine/evidence.ts'
import { createSimulation } from '../../../src/engine/simulation.ts'
import { createStores } from '../../../src/stores/index.ts'
import { activeEvent, runningEvent } from '../../../../test/kit/servers/events.ts'
import { as, atOnce, newUserId, startEventService, type Row } from '../../../../test/kit/servers/event-service.ts'
import { eventually } from '../../../../test/kit/run/eventually.ts'

// A simulation counts all users of the service, so these tests use their own service.
const { call, db, did } = await startEventService(t)
const operator = as('OPERATOR')
const points = { type: 'POINT', name: 'Points', amount: 500 } as const
const quest = (target: number) => ({ aggregation: 'count', activity: 'quest.cleared', target }) as const
const paid = { aggregation: 'sum', activity: 'order.paid', target: 100 } as const

const simulate = async (eventId: string, query = '') =>
  await call('POST', `/v1/events/${eventId}/simulate${query}`, { token: operator })

const claim = async (eventId: string, userId: string) =>
  await call('POST', `/v1/events/${eventId}/claims`, { token: as('USER', userId) })

/** Reports activities in requests of 500. */
async function report (activities: readonly object[]): Promise<void> {
  for (let from = 0; from < activities.length; from += 500) {
    const body = { activities: activities.slice(from, from + 500) }
    await call('POST', '/v1/activities', { token: as('ADMIN'), body })
  }
}

t.test('200: the number of users with activities, of eligible users, and what granting them would take', async t => {
  const [a, b, c, other] = [newUserId(), newUserId(), newUserId(), newUserId()]
  for (const userId of [a, a, b, c, c]) await did(userId, 'quest.cleared')
  await did(other, 'something.else')
  const coupon = { type: 'COUPON', name: 'A coffee' }
  const rewards = [{ ...points, stock: 7 }, { ...points, name: 'More' }]
  const eventId = await activeEvent(call, operator, quest(2), rewards)
  await claim(eventId, c)
  const { status, body } = await simulate(eventId, '?users=true')
  const asOf = new Date(body.asOf)
  t.equal(status, 200)
  t.ok(asOf <= new Date() && asOf.getTime() > Date.now() - 10_000)
  t.match(body, {
    users: 3,
    eligible: 1,
    alreadyClaimed: 1,
    wouldTake: [
      { rewardId: String, units: 1, amount: 500, stock: 7, remaining: 6 }, { units: 1, amount: 500, stock: null }
    ],
    eligibleUsers: [a]
  })
  t.notOk('eligibleUsers' in (await simulate(eventId)).body)

  const draft = await call('POST', '/v1/events', {
    token: operator, body: { ...runningEvent(null), rewards: [points, coupon] }
  })
  t.match((await simulate(draft.body.id)).body, {
    users: 4,
    eligible: 4,
    alreadyClaimed: 0,
    wouldTake: [{ units: 4, amount: 2000, stock: null, remaining: null }, { units: 4, stock: 0, remaining: 0 }]
  }, 'a draft whose codes are missing')
})

t.test('404 EVENT_NOT_FOUND, and 400 for an unknown parameter', async t => {
  t.match(await simulate('nowhere'), { status: 404, body: { code: 'EVENT_NOT_FOUND' } })
  t.match(await simulate('nowhere', '?users=yes'), { status: 400, body: { errors: [{ pointer: '/users' }] } })
})

t.test('the numbers match evaluateEvent for each user, and granting all of them', async t => {
  const minute = 60_000
  const now = Date.now()
  let seed = 7
  const random = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below
  const users = Array.from({ length: 230 }, newUserId)
  await report(users.flatMap((userId, index) => Array.from({ length: index === 5 ? 300 : random(6) }, () => ({
    id: newUserId(),
    userId,
    type: ['quest.cleared', 'order.paid', 'user.visited'][random(3)],
    // Activities ahead of the clock count immediately for a claim, but later for a simulation. The first 20 users
    // claim.
    occurredAt: new Date(now - random(3 * 24 * 60) * minute + (index < 20 ? 0 : 4 * minute)).toISOString(),
    value: random(100)
  }))))
  const known = await db.collection<Row>('activities').distinct('userId') as string[]
  const daily = { claimPeriod: 'DAY', startsAt: new Date(now - 50 * 24 * 60 * minute).toISOString() }
  const first = await activeEvent(call, operator, null)
  const granted = { aggregation: 'count', activity: 'event.granted', target: 1 } as const
  const rounds = [
    { condition: quest(2), settings: {}, stock: null },
    { condition: { any: [quest(1), paid] }, settings: daily, stock: null },
    { condition: null, settings: { grantMode: 'REVIEW' }, stock: 90 },
    { condition: { all: [quest(1), granted] }, settings: { timeZone: 'Asia/Seoul' }, stock: null }
  ]
  await Promise.all(users.slice(40, 80).map(async userId => await claim(first, userId)))

  for (const { condition, settings, stock } of rounds) {
    const eventId = await activeEvent(call, operator, condition, [{ ...points, stock }], settings)
    await Promise.all(users.slice(0, 20).map(async userId => await claim(eventId, userId)))
    const { body: simulated } = await simulate(eventId, '?users=true')

    const evaluated = new Map<string, { eligible: boolean, code?: string }>()
    for (let from = 0; from < known.length; from += 20) {
      await Promise.all(known.slice(from, from + 20).map(async userId => {
        const answer = await call('POST', `/v1/events/${eventId}/evaluate`, { token: operator, body: { userId } })
        evaluated.set(userId, answer.body)
      }))
    }
    const eligible = known.filter(userId => evaluated.get(userId)?.eligible).sort()
    const claimed = known.filter(userId => evaluated.get(userId)?.code === 'ALREADY_CLAIMED')
    const name = JSON.stringify(condition)
    t.strictSame(simulated.eligibleUsers, eligible, `${eligible.length} eligible: ${name}`)
    t.strictSame([simulated.eligible, simulated.alreadyClaimed], [eligible.length, claimed.length], name)
    t.ok(simulated.users >= eligible.length + claimed.length && simulated.users <= known.length)

    const grants = eligible.map(userId => ({ userId }))
    const body = { grants, condition: 'CHECK', reason: 'everyone eligible' }
    const { body: { results } } = await call('POST', `/v1/events/${eventId}/grants`, { token: operator, body })
    const taken = results.filter(({ ok }: { ok: boolean }) => ok).length
    const [{ units, amount, remaining }] = simulated.wouldTake
    t.strictSame([taken, amount], [Math.min(units, remaining ?? units), units * 500], `granted ${taken}: ${name}`)
    t.match((await simulate(eventId)).body, { eligible: units - taken, alreadyClaimed: claimed.length + taken })
  }
})

t.test('it writes nothing, and reads users and claims by an index', async t => {
  const eventId = await activeEvent(call, operator, quest(1))
  const countAll = async () => await Promise.all(['claims', 'stock', 'activities', 'audits', 'events'].map(
    async name => await db.collection(name).countDocuments()))
  const before = await countAll()
  await db.command({ profile: 2 })
  await simulate(eventId)
  await db.command({ profile: 0 })
  t.strictSame(await countAll(), before)
  const rows = await db.collection<Row>('system.profile').find({ ns: /\.(activities|claims)$/ }).toArray()
  const plans = [...new Set(rows.flatMap(({ planSummary }) => planSummary === undefined ? [] : [String(planSummary)]))]
  t.ok(plans.some(plan => plan.startsWith('DISTINCT_SCAN { userId: 1')), plans.join(', '))
  t.notOk(plans.some(plan => plan.includes('COLLSCAN')))
})

t.test('only one simulation runs at a time; concurrent callers for the same event share it', async t => {
  const stores = createStores(db, () => undefined)
  const reader = createEvidenceReader(stores.activities, stores.snapshots)
  const inFlight = { events: new Set<string>(), most: 0 }
  const evidence: typeof reader = {
    ...reader,
    async readMany (queries) {
      const id = queries[0]?.event.id ?? ''
      inFlight.events.add(id)
      inFlight.most = Math.max(inFlight.most, inFlight.events.size)
      return await reader.readMany(queries).finally(() => { inFlight.events.delete(id) })
    }
  }
  const simulation = createSimulation({ evidence, activities: stores.activities, claims: stores.claims })
  const ids = await atOnce(3, async () => await activeEvent(call, operator, quest(1)))
  const events = await Promise.all(ids.map(async id => requireEvent(await stores.events.find(id))))
  const found = await Promise.all([...events, ...events].map(simulation))
  t.equal(inFlight.most, 1)
  for (const index of [0, 1, 2]) t.equal(found[index], found[index + 3])
})

t.test('503 TOO_MANY if reading the next users exceeds the time limit', async t => {
  const stores = createStores(db, () => undefined)
  const evidence = createEvidenceReader(stores.activities, stores.snapshots)
  const event = requireEvent(await stores.events.find(await activeEvent(call, operator, quest(1))))
  const chunks: string[] = []
  async function * allUsers () {
    const end = performance.now() + maxTime
    for (const userId of [newUserId(), newUserId()]) {
      chunks.push(userId)
      yield [userId]
      await eventually(async () => performance.now() > end)
    }
  }
  const maxTime = 1000
  const simulation = createSimulation({ evidence, activities: { allUsers }, claims: stores.claims, maxTime })
  await t.rejects(simulation(event), { kind: 'unavailable', code: 'TOO_MANY' })
  t.equal(chunks.length, 2)
})

t.test('the simulation fails as a whole if the activities of some users cannot be read', async t => {
  const stores = createStores(db, () => undefined)
  const away = { ...stores.activities, ofUsers: async () => { throw new Error('away') } }
  const evidence = createEvidenceReader(away, stores.snapshots)
  const event = requireEvent(await stores.events.find(await activeEvent(call, operator, quest(1))))
  const simulation = createSimulation({ evidence, activities: stores.activities, claims: stores.claims })
  await t.rejects(simulation(event), { message: 'away' })
})

t.test('users are read in chunks, each user once', async t => {
  const { activities } = createStores(db, () => undefined)
  const chunks: string[][] = []
  for await (const userIds of activities.allUsers(7)) chunks.push(userIds)
  const known = await db.collection<Row>('activities').distinct('userId') as string[]
  t.strictSame(chunks.flat().sort(), known.sort())
  t.ok(chunks.slice(0, -1).every(({ length }) => length === 7))
})

t.test('503 TOO_MANY after the time limit, also for waiting callers; the next simulation is answered', async t => {
  const stores = createStores(db, () => undefined)
  const evidence = createEvidenceReader(stores.activities, stores.snapshots)
  const event = requireEvent(await stores.events.find(await activeEvent(call, operator, quest(1))))
  const options = { evidence, activities: stores.activities, claims: stores.claims }
  const tooMany = { kind: 'unavailable', code: 'TOO_MANY', extras: { retryAfter: 30 } }
  const late = createSimulation({ ...options, maxTime: -1 })
  await Promise.all([event, { ...event, version: 2 }].map(async one => { await t.rejects(late(one), tooMany) }))
  let times = 0
  const failing = createSimulation({
    ...options,
    evidence: {
      ...evidence,
      async readMany (queries) {
        if (times++ === 0) throw new Error('lost')
        return await evidence.readMany(queries)
      }
    }
  })
  await t.rejects(failing(event), { message: 'lost' })
  t.match(await failing(event), { users: Number })
})
