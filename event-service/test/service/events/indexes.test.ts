import t, { type Test } from 'tap'
import { eventually } from '../../../../test/kit/run/eventually.ts'
import { activeEvent } from '../../../../test/kit/servers/events.ts'
import { as, newUserId, startEventService, type Row } from '../../../../test/kit/servers/event-service.ts'

const { call, db, did } = await startEventService(t)
const operator = as('OPERATOR')
const ann = newUserId()
const user = as('USER', ann)
const condition = { aggregation: 'count', activity: 'quest.cleared', target: 1 } as const
const eventId = await activeEvent(call, operator, condition)
const since = Date.UTC(2026, 0, 1)

/** Adds copies of the only row of a collection, with these fields and different times. */
async function multiply (name: string, count: number, change: (index: number) => object): Promise<void> {
  const rows = db.collection<Row>(name)
  const { grantedAt, ...row } = await rows.findOne() as Row
  await rows.insertMany(Array.from({ length: count }, (_, index) => ({
    ...row, createdAt: new Date(since + index), _id: `${name}-${index}`, ...change(index)
  })))
}
await did(ann, 'quest.cleared')
await call('POST', `/v1/events/${eventId}/claims`, { token: user })
const someone = (index: number): string => index % 30 === 0 ? ann : `user-${index % 30}`
await multiply('claims', 3000, index => ({
  eventId: `event-${index % 10}`, userId: someone(index), status: index % 3 === 1 ? 'FAILED' : 'GRANTED'
}))
await multiply('claims', 90, index => ({
  _id: `rare-${index}`,
  eventId: 'event-4',
  userId: `user-${index % 30}`,
  status: ['PENDING', 'REJECTED', 'REVOKED'][index % 3],
  createdAt: new Date(since + index * 20)
}))
await multiply('claims', 500, index => ({
  _id: `granted-${index}`,
  ...(index % 10 === 0 ? { delivery: { status: 'FAILED', at: new Date(since) } } : {}),
  eventId: 'event-0',
  userId: ann,
  status: 'GRANTED',
  slot: index,
  createdAt: new Date(since + 100_000 + index),
  grantedAt: new Date(since + index)
}))
await multiply('events', 1000, index => ({
  name: `Event ${index}`,
  status: index % 2 === 0 ? 'ACTIVE' : 'INACTIVE',
  group: index % 5 === 0 ? `group-${index % 3}` : null,
  position: index % 4
}))
await multiply('activities', 3000, index => ({
  userId: someone(index), type: index % 4 === 0 ? 'quest.cleared' : 'user.visited'
}))
// Large enough for a whole run, because a capped collection drops the oldest entries.
await db.createCollection('system.profile', { capped: true, size: 64 * 1024 * 1024 })
await db.command({ profile: 2 })

interface Profiled {
  ns: string
  op: string
  planSummary?: string
  hasSortStage?: boolean
  docsExamined?: number
  keysExamined?: number
  /** An update and a deletion have `q`, a findAndModify `query`, a find `filter`, a count a `pipeline`. */
  command?: ProfiledCommand
  /** For a getMore. */
  originatingCommand?: ProfiledCommand
}

interface ProfiledCommand {
  maxTimeMS?: number
  q?: object
  query?: object
  filter?: object
  pipeline?: Array<{ $match?: object }>
}

/** The fields that identify the shard in a sharded cluster. */
const shardKeys: Readonly<Record<string, string>> = {
  claims: 'eventId',
  stock: 'eventId',
  couponCodes: 'eventId',
  couponPools: 'eventId',
  activities: 'userId',
  snapshots: 'userId'
}
/** Operations that query all shards for claims, because they are not limited to one event. See docs/operations.md. */
const manyEvents = [
  /^\/v1\/claims(?!.*eventId)/, /^\/v1\/users\/me\/(claims|wallet|ledger|coupons)(?!.*eventId)/, /^\/v1\/stats/
]
/** The fields with which the sweeper and the webhook relay search for work on all shards. */
const marks = ['leases.at', 'gaps', 'releasing', 'waiting', 'raising', 'outboxSince']

/** Returns the fields that every result must match. */
function fieldsOf (filter: object): string[] {
  return Object.entries(filter).flatMap(([name, value]) =>
    name === '$and' ? (value as object[]).flatMap(fieldsOf) : name)
}

/** Whether a command queries one shard, or is allowed to query all of them. */
function namesShard (what: string, namespace: string, filter: object): boolean {
  const collection = namespace.split('.').at(-1) ?? ''
  const fields = fieldsOf(filter)
  return [shardKeys[collection], ...marks].some(field => field === undefined || fields.includes(field)) ||
    (collection === 'claims' && manyEvents.some(path => path.test(what)))
}

const profiled = /\.(events|claims|activities|stock|couponCodes|couponPools|snapshots|grantRollups)$/
let seen = 0

/** Returns the operations on our collections since the last call. */
async function readProfile (): Promise<Profiled[]> {
  const all = await db.collection('system.profile')
    .find<Profiled & Row>({ ns: profiled, op: { $ne: 'insert' } })
    .sort({ $natural: 1 })
    .toArray()
  const fresh = all.slice(seen)
  seen = all.length
  return fresh
}

/**
 * Checks that each query of this operation uses an index, in its order, and examines no more documents than this.
 * Returns these queries.
 * @param indexes keys of indexes that must be used.
 */
async function checkPlansOf (
  t: Test, what: string, work: () => Promise<unknown>, maxDocuments = Infinity, indexes: readonly string[] = []
): Promise<Profiled[]> {
  await readProfile()
  await work()
  const plans = await readProfile()
  t.ok(plans.length > 0, `${what}: it queries the database`)
  for (const index of indexes) {
    t.ok(plans.some(({ planSummary = '' }) => planSummary.includes(index)), `${what}: it uses the index ${index}`)
  }
  for (const { ns, planSummary = '', hasSortStage = false, docsExamined = 0, command, originatingCommand } of plans) {
    const { q, query, filter = q ?? query, pipeline } = originatingCommand ?? command ?? {}
    t.ok(namesShard(what, ns, filter ?? pipeline?.[0]?.$match ?? {}), `${what}: ${ns} names its shard`)
    const good = /^(IXSCAN|COUNT_SCAN|IDHACK)/.test(planSummary) && !hasSortStage && docsExamined <= maxDocuments
    const sorted = hasSortStage ? ', sorted' : ''
    t.ok(good, `${what}: ${ns} with ${planSummary}, ${docsExamined} documents${sorted}`)
  }
  return plans
}

async function checkPlans (t: Test, path: string, token: string, maxDocuments = Infinity): Promise<void> {
  const plans = await checkPlansOf(t, path, async () => {
    t.equal((await call('GET', path, { token })).status, 200, path)
  }, maxDocuments)
  for (const { ns, op, command, originatingCommand = command } of plans) {
    // The profile of an update does not include its time limit.
    if (op !== 'update') t.ok(originatingCommand?.maxTimeMS, `${path}: the ${op} of ${ns} has \`timeLimit\``)
  }
}

/** Returns the path of the next page. */
async function nextPage (path: string, token: string): Promise<string> {
  const { body } = await call('GET', path, { token })
  return `${path}${path.includes('?') ? '&' : '?'}cursor=${body.nextCursor as string}`
}

t.test('a list by the time of the grant examines no claims of other statuses', async t => {
  for (const status of ['PENDING', 'REJECTED', 'REVOKED']) {
    for (const order of ['asc', 'desc']) {
      const granted = 'grantedFrom=2020-01-01T00:00:00Z&grantedTo=2099-01-01T00:00:00Z'
      const path = `/v1/claims?status=${status}&${granted}&order=${order}`
      await readProfile()
      t.match(await call('GET', path, { token: operator }), { status: 200, body: { data: [] } })
      const plans = await readProfile()
      t.ok(plans.some(({ planSummary }) => planSummary?.includes('createdAt: 1')), path)
      for (const { docsExamined = 0, planSummary } of plans) {
        t.ok(docsExamined <= 30, `${path}: ${docsExamined} documents with ${planSummary}`)
      }
    }
  }
})

t.test('a page of a list examines only the rows that it shows and one on each side', async t => {
  const instant = new Date(since + 1500).toISOString()
  for (const [path, token] of [
    ['/v1/events', operator],
    ['/v1/events?order=asc', operator],
    ['/v1/events?status=ACTIVE', operator],
    ['/v1/events?status=INACTIVE&order=asc', operator],
    ['/v1/events', user],
    ['/v1/events?group=group-1', operator],
    ['/v1/events?group=group-2&order=desc', operator],
    ['/v1/claims', operator],
    ['/v1/claims?order=asc', operator],
    [`/v1/claims?from=${instant}`, operator],
    [`/v1/claims?to=${instant}`, operator],
    ['/v1/claims?eventId=event-3', operator],
    [`/v1/claims?eventId=event-3&from=${instant}&order=asc`, operator],
    [`/v1/claims?userId=${ann}`, operator],
    [`/v1/claims?grantedFrom=${new Date(since + 100).toISOString()}`, operator],
    [`/v1/claims?grantedTo=${new Date(since + 300).toISOString()}&order=asc`, operator],
    ['/v1/claims?status=PENDING', operator],
    ['/v1/claims?status=FAILED&order=asc', operator],
    ['/v1/claims?status=REJECTED', operator],
    ['/v1/claims?status=REVOKED', operator],
    ['/v1/claims?delivery=FAILED', operator],
    ['/v1/users/me/claims', user]
  ] as const) {
    await checkPlans(t, path, token, 21)
    await checkPlans(t, await nextPage(path, token), token, 22)
  }
})

t.test('no list scans or sorts its collection, with any filter', async t => {
  for (const [path, token] of [
    ['/v1/events?phase=RUNNING', operator],
    ['/v1/events?phase=ENDED', operator],
    ['/v1/events?phase=SCHEDULED&status=ACTIVE', user],
    ['/v1/events?q=event', operator],
    ['/v1/events?q=nothing', operator],
    ['/v1/events?group=group-1&phase=RUNNING', operator],
    ['/v1/events?group=group-1', user],
    ['/v1/users/me/events?group=group-1', user],
    ['/v1/claims?delivery=PENDING', operator],
    [`/v1/claims?grantedFrom=${new Date(since).toISOString()}&eventId=event-0&status=GRANTED`, operator],
    [`/v1/claims?grantedFrom=${new Date(since).toISOString()}&userId=${ann}&delivery=PENDING`, operator],
    ['/v1/claims?eventId=event-1&status=FAILED', operator],
    [`/v1/claims?eventId=event-0&userId=${ann}`, operator],
    ['/v1/users/me/claims?status=FAILED', user],
    ['/v1/users/me/claims?eventId=event-0&status=GRANTED', user]
  ] as const) await checkPlans(t, path, token)
})

t.test('progress examines a user\'s activities by type, wallets the user\'s claims, counts the event\'s', async t => {
  await checkPlans(t, `/v1/events/${eventId}/progress`, user, 3000 / 30 / 2 + 1)
  await checkPlans(t, '/v1/users/me/wallet', user, 501)
  await checkPlans(t, `/v1/events/${eventId}`, user, 1)
})

t.test('a ledger and coupons examine the user\'s claims, statistics the event\'s', async t => {
  await checkPlans(t, '/v1/users/me/ledger', user, 22)
  await checkPlans(t, await nextPage('/v1/users/me/ledger', user), user, 24)
  await checkPlans(t, '/v1/users/me/coupons', user, 510)
  await checkPlans(t, `/v1/events/${eventId}/stats`, operator, 2)
  await checkPlans(t, '/v1/stats', operator, 11)
  await checkPlans(t, `/v1/stats?grantedFrom=${new Date(since).toISOString()}`, operator, 11)
})

t.test('counts examine no documents of claims, and with a rollup only the keys of recent grants', async t => {
  const counted = await activeEvent(call, operator)
  await multiply('claims', 520, index => ({
    _id: `counted-${index}`,
    eventId: counted,
    userId: `counted-${index}`,
    grantedAt: index < 500 ? new Date(since + index) : new Date()
  }))
  async function keysOf (path: string): Promise<number> {
    await readProfile()
    t.match(await call('GET', path, { token: operator }), { status: 200 })
    const plans = (await readProfile()).filter(({ ns }) => ns.endsWith('.claims'))
    for (const { planSummary = '', docsExamined } of plans) t.equal(docsExamined, 0, planSummary)
    return plans.reduce((sum, { keysExamined = 0 }) => sum + keysExamined, 0)
  }
  const paths = ['', '/stats', '/rewards'].map(path => `/v1/events/${counted}${path}`)
  t.ok(await keysOf(`/v1/events/${counted}/stats`) > 500, 'without a rollup')
  // A response does not wait until a majority has the rollup, and the server reads what a majority has.
  const rollups = db.collection<Row>('grantRollups', { readConcern: { level: 'majority' } })
  await eventually(async () => await rollups.countDocuments({ _id: counted }) === 1)
  for (const path of paths) {
    t.ok(await keysOf(path) < 50, path)
    await checkPlans(t, path, operator, 1)
  }
})

t.test('a claim, added codes, a rejection and a sweep examine only the rows that they need', async t => {
  const coupon = [{ type: 'COUPON', name: 'A code' }]
  const limited = await activeEvent(call, operator, condition, coupon, { grantMode: 'REVIEW' })
  const path = `/v1/events/${limited}`
  const [{ id: rewardId }] = (await call('GET', `${path}/rewards`, { token: operator })).body.data
  const codes = { token: operator, body: { codes: ['a', 'b'] } }
  const codesPath = `${path}/rewards/${rewardId as string}/codes`
  await checkPlansOf(t, 'codes', async () => await call('POST', codesPath, codes), 2)

  let claimId = ''
  await checkPlansOf(t, 'claim', async () => {
    claimId = (await call('POST', `${path}/claims`, { token: user })).body.id
  }, 3000 / 30 / 2 + 1)
  t.match(claimId, limited)
  const reason = { token: operator, body: { reason: 'No' } }
  await checkPlansOf(t, 'reject', async () => await call('POST', `/v1/claims/${claimId}/reject`, reason), 2)

  const lease = { id: 'of a dead process', numbers: [1, 2], at: new Date(0) }
  const stock = { _id: 'event-0', eventId: 'event-0', next: 600, free: [], gaps: true, leases: [lease] }
  const stocks = db.collection<Row>('stock')
  await stocks.insertOne(stock)
  const isSwept = { _id: 'event-0', gaps: false, leases: [] }
  await checkPlansOf(t, 'sweep', async () => {
    await eventually(async () => await stocks.countDocuments(isSwept) === 1)
  }, 510)
})

t.test('stock per period: counts, a claim and a sweep examine the claims of one period', async t => {
  const daily = await activeEvent(call, operator, null, [{ type: 'POINT', name: 'Points', amount: 1, stock: 900 }], {
    claimPeriod: 'DAY',
    stockPer: 'PERIOD',
    startsAt: '2026-01-01T00:00:00Z',
    endsAt: '2026-01-08T00:00:00Z',
    claimUntil: '2099-01-01T00:00:00Z'
  })
  const perPeriod = 300
  await multiply('claims', 7 * perPeriod, index => {
    const period = `2026-01-0${1 + Math.floor(index / perPeriod)}`
    const status = index % 3 === 0 ? 'PENDING' : 'GRANTED'
    return {
      _id: `daily-${index}`,
      eventId: daily,
      userId: `daily-${index}`,
      period,
      stockPeriod: period,
      periodSlot: index % perPeriod,
      status
    }
  })
  const [byOutcome, bySlot] = [
    '{ eventId: 1, stockPeriod: 1, status: 1 }', '{ eventId: 1, stockPeriod: 1, periodSlot: 1 }'
  ]
  const stocks = db.collection<Row>('stock')
  const stockOf = (stockPeriod: string): Row => ({ _id: `${daily}_${stockPeriod}`, eventId: daily, stockPeriod })
  await stocks.insertOne({ ...stockOf('2026-01-07'), next: perPeriod, free: [], gaps: false, leases: [] })
  const path = `/v1/events/${daily}`
  await checkPlansOf(t, 'counts', async () => {
    const { body } = await call('GET', `${path}/rewards`, { token: operator })
    t.hasStrict(body.data, [{ granted: 200, held: 100, remaining: 600 }])
  }, 1, [byOutcome])
  await checkPlansOf(t, 'claim', async () => {
    t.hasStrict(await call('POST', `${path}/claims`, { token: user }), { status: 201, body: { period: '2026-01-07' } })
  }, 2)

  const lease = { id: 'of a dead process', numbers: [1, 299, 301], at: new Date(0) }
  const swept = stockOf('2026-01-03')
  const { _id } = swept
  await stocks.insertOne({ ...swept, next: 302, free: [], gaps: true, leases: [lease] })
  await checkPlansOf(t, 'sweep', async () => {
    await eventually(async () => await stocks.countDocuments({ _id, gaps: false, leases: [] }) === 1)
  }, perPeriod, [bySlot])
  t.strictSame((await stocks.findOne({ _id }))?.['free'].sort(), [300, 301])
})
