import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { activeEvent } from '../../test/kit/events.ts'
import { as, newUserId, startEventService, type Row } from '../../test/kit/event-service.ts'

const { call, db, did } = await startEventService(t)
const operator = as('OPERATOR')
const ann = newUserId()
const user = as('USER', ann)
const eventId = await activeEvent(call, operator, { aggregation: 'count', activity: 'quest.cleared', target: 1 })
const since = Date.UTC(2026, 0, 1)

/** Many copies of the one row of a collection, spread over these fields and over time. */
async function multiply (name: string, count: number, change: (index: number) => object): Promise<void> {
  const rows = db.collection<Row>(name)
  const { grantedAt, ...row } = await rows.findOne() as Row
  await rows.insertMany(Array.from({ length: count }, (_, index) => ({ ...row, createdAt: new Date(since + index), _id: `${name}-${index}`, ...change(index) })))
}
await did(ann, 'quest.cleared')
await call('POST', `/v1/events/${eventId}/claims`, { token: user })
const someone = (index: number): string => index % 30 === 0 ? ann : `user-${index % 30}`
await multiply('claims', 3000, index => ({ eventId: `event-${index % 10}`, userId: someone(index), status: index % 3 === 1 ? 'FAILED' : 'GRANTED' }))
await multiply('claims', 500, index => ({ _id: `granted-${index}`, eventId: 'event-0', userId: ann, status: 'GRANTED', slot: index, createdAt: new Date(since + 100_000 + index), grantedAt: new Date(since + index) }))
await multiply('events', 1000, index => ({ name: `Event ${index}`, status: index % 2 === 0 ? 'ACTIVE' : 'INACTIVE' }))
await multiply('activities', 3000, index => ({ userId: someone(index), type: index % 4 === 0 ? 'quest.cleared' : 'user.visited' }))
await db.command({ profile: 2 })

interface Profiled {
  ns: string
  planSummary?: string
  hasSortStage?: boolean
  docsExamined?: number
  /** `q` of an update, `query` of findAndModify. */
  command?: { q?: object, query?: object }
}
/** What a write of a sharded cluster must name (docs of production). */
const shardKeys: Readonly<Record<string, string>> = { claims: 'eventId', stock: 'eventId', couponCodes: 'eventId', couponPools: 'eventId', snapshots: 'userId' }
let seen = 0

/** What mongod did in our collections since the last look. */
async function lookAtProfile (): Promise<Profiled[]> {
  const all = await db.collection('system.profile').find<Profiled & Row>({ ns: /\.(events|claims|activities|stock|couponCodes|couponPools|snapshots)$/, op: { $ne: 'insert' } }).sort({ $natural: 1 }).toArray()
  const fresh = all.slice(seen)
  seen = all.length
  return fresh
}

/** What is done meanwhile: each query by an index, in the order of the index, and looking at no more than so many documents. */
async function checkPlansOf (t: Test, what: string, work: () => Promise<unknown>, mostDocuments = Infinity): Promise<void> {
  await lookAtProfile()
  await work()
  const plans = await lookAtProfile()
  t.ok(plans.length > 0, `${what}: it asks the database`)
  for (const { ns, planSummary = '', hasSortStage = false, docsExamined = 0, command = {} } of plans) {
    const written = command.q ?? command.query
    const shardKey = shardKeys[ns.split('.').at(-1) ?? '']
    if (written !== undefined && shardKey !== undefined) t.ok(Object.hasOwn(written, shardKey), `${what}: a write of ${ns} names ${shardKey}`)
    const good = /^(IXSCAN|COUNT_SCAN|IDHACK)/.test(planSummary) && !hasSortStage && docsExamined <= mostDocuments
    t.ok(good, `${what}: ${ns} by ${planSummary}, ${docsExamined} documents${hasSortStage ? ', sorted' : ''}`)
  }
}

async function checkPlans (t: Test, path: string, token: string, mostDocuments = Infinity): Promise<void> {
  await checkPlansOf(t, path, async () => { t.equal((await call('GET', path, { token })).status, 200, path) }, mostDocuments)
}

/** The address of the page after this one. */
async function next (path: string, token: string): Promise<string> {
  const { body } = await call('GET', path, { token })
  return `${path}${path.includes('?') ? '&' : '?'}cursor=${body.nextCursor as string}`
}

t.test('a page of a list looks at the rows that it shows and at one on each side, the next page too', async t => {
  const instant = new Date(since + 1500).toISOString()
  for (const [path, token] of [
    ['/v1/events', operator], ['/v1/events?order=asc', operator], ['/v1/events?status=ACTIVE', operator], ['/v1/events?status=INACTIVE&order=asc', operator], ['/v1/events', user],
    ['/v1/claims', operator], ['/v1/claims?order=asc', operator], [`/v1/claims?from=${instant}`, operator], [`/v1/claims?to=${instant}`, operator],
    ['/v1/claims?eventId=event-3', operator], [`/v1/claims?eventId=event-3&from=${instant}&order=asc`, operator], [`/v1/claims?userId=${ann}`, operator], ['/v1/users/me/claims', user]
  ] as const) {
    await checkPlans(t, path, token, 21)
    await checkPlans(t, await next(path, token), token, 22)
  }
})

t.test('no list scans its collection or sorts it, whatever the filter', async t => {
  for (const [path, token] of [
    ['/v1/events?phase=RUNNING', operator], ['/v1/events?phase=ENDED', operator], ['/v1/events?phase=SCHEDULED&status=ACTIVE', user], ['/v1/events?q=event', operator], ['/v1/events?q=nothing', operator],
    ['/v1/claims?status=FAILED', operator], ['/v1/claims?status=PENDING', operator], ['/v1/claims?eventId=event-1&status=FAILED', operator], [`/v1/claims?eventId=event-0&userId=${ann}`, operator],
    ['/v1/users/me/claims?status=FAILED', user], ['/v1/users/me/claims?eventId=event-0&status=GRANTED', user]
  ] as const) await checkPlans(t, path, token)
})

t.test('progress looks at the activities of this user and type, a wallet at this user\'s claims, a count at this event\'s', async t => {
  await checkPlans(t, `/v1/events/${eventId}/progress`, user, 3000 / 30 / 2 + 1)
  await checkPlans(t, '/v1/users/me/wallet', user, 501)
  await checkPlans(t, `/v1/events/${eventId}`, user, 1)
})

t.test('a ledger, coupons and statistics look at this user\'s or this event\'s claims', async t => {
  await checkPlans(t, '/v1/users/me/ledger', user, 22)
  await checkPlans(t, await next('/v1/users/me/ledger', user), user, 24)
  await checkPlans(t, '/v1/users/me/coupons', user, 510)
  await checkPlans(t, `/v1/events/${eventId}/stats`, operator, 2)
})

t.test('a claim, codes for a pool and a sweep look at what they are about', async t => {
  const limited = await activeEvent(call, operator, { aggregation: 'count', activity: 'quest.cleared', target: 1 }, [{ type: 'COUPON', name: 'A code' }], { grantMode: 'REVIEW' })
  const [{ id: rewardId }] = (await call('GET', `/v1/events/${limited}/rewards`, { token: operator })).body.data
  await checkPlansOf(t, 'codes', async () => await call('POST', `/v1/events/${limited}/rewards/${rewardId as string}/codes`, { token: operator, body: { codes: ['a', 'b'] } }), 2)
  let claimId = ''
  await checkPlansOf(t, 'claim', async () => { claimId = (await call('POST', `/v1/events/${limited}/claims`, { token: user })).body.id }, 3000 / 30 / 2 + 1)
  t.match(claimId, limited)
  await checkPlansOf(t, 'reject', async () => await call('POST', `/v1/claims/${claimId}/reject`, { token: operator, body: { reason: 'No' } }), 2)
  await db.collection<Row>('stock').insertOne({ _id: 'event-0', eventId: 'event-0', next: 600, free: [], gaps: true, leases: [{ id: 'dead', numbers: [1, 2], at: new Date(0) }] })
  await checkPlansOf(t, 'sweep', async () => { await sleep(2500) }, 510)
})
