import { Timestamp } from 'mongodb'
import t from 'tap'
import { createActivityRetention } from '../../../src/activity-retention.ts'
import { createOldActivityStore } from '../../../src/stores/old-activities.ts'
import { eventually } from '../../../../test/kit/run/eventually.ts'
import { createRandom } from '../../../../test/kit/run/random.ts'
import { runningEvent } from '../../../../test/kit/servers/events.ts'
import { as, newUserId, startEventService, type Row } from '../../../../test/kit/servers/event-service.ts'

const { call, db, env } = await startEventService(t)
const [admin, operator, auditor] = [as('ADMIN'), as('OPERATOR'), as('AUDITOR')]
const day = 86_400_000
const now = Date.now()
const inDays = (days: number): Date => new Date(now + days * day)
const activities = db.collection<Row>('activities')
const retentionDays = 30

interface Plan {
  readonly from: number
  readonly to: number
  readonly type: string
  readonly settings?: object
  /** Set in the database, because no operation allows it. */
  readonly changes?: object
}

async function createEvent ({ from, to, type, settings = {}, changes }: Plan): Promise<string> {
  const condition = { aggregation: 'count', activity: type, target: 2 } as const
  const rewards = [{ type: 'POINT', name: 'Points', amount: 5 }]
  const body = runningEvent(condition, { startsAt: inDays(from).toISOString(), endsAt: inDays(to).toISOString() })
  const { body: { id } } = await call('POST', '/v1/events', {
    token: operator, body: { ...body, status: 'ACTIVE', rewards, ...settings }
  })
  if (changes !== undefined) await db.collection<Row>('events').updateOne({ _id: id }, { $set: changes })
  return id
}

const users = Array.from({ length: 4 }, () => newUserId())
const [ann = '', ben = ''] = users
const random = createRandom(17)
const types = ['quest.cleared', 'game.scored', 'user.visited', 'order.paid', 'item.bought', 'other.done'] as const
// Ann has a long history that is counted, and Ben has one that no event needs.
const reported = [
  ...Array.from({ length: 900 }, (_, index) => ({
    userId: random.pick(users), type: random.pick(types), id: `r-${index}`, days: -random.between(1, 400)
  })),
  ...Array.from({ length: 450 }, (_, index) =>
    ({ userId: ann, type: 'quest.cleared', id: `l-${index}`, days: -60 - index % 100 })),
  ...Array.from({ length: 1200 }, (_, index) =>
    ({ userId: ben, type: 'other.done', id: `o-${index}`, days: -60 - index % 100 }))
].map(({ days, ...rest }) => ({ ...rest, occurredAt: inDays(days + 0.5).toISOString() }))

async function report (list: readonly object[], token = admin): Promise<{ accepted: number, rejected: unknown[] }> {
  const total: { accepted: number, rejected: unknown[] } = { accepted: 0, rejected: [] }
  for (let from = 0; from < list.length; from += 500) {
    const { body } = await call('POST', '/v1/activities', { token, body: { activities: list.slice(from, from + 500) } })
    total.accepted += body.accepted
    total.rejected.push(...body.rejected)
  }
  return total
}

const retentionOf = (onRemoved: (count: number) => void = () => undefined) => createActivityRetention({
  store: createOldActivityStore(db), days: retentionDays, log: { warn: () => undefined }, onRemoved
})

t.test('retention of activities', async t => {
  const { accepted } = await report(reported)
  t.equal(accepted, reported.length)
  const arrived = new Timestamp({ t: Math.floor(inDays(-50).getTime() / 1000), i: 1 })
  // Some of the old activities have just been imported.
  await activities.updateMany({ _id: { $not: /r-\d*0$/ } }, { $set: { receivedAt: arrived } })

  const running = await createEvent({ from: -300, to: 10, type: 'quest.cleared' })
  const daily = await createEvent({ from: -200, to: 5, type: 'game.scored', settings: { claimPeriod: 'DAY' } })
  const draft = await createEvent({ from: -100, to: 20, type: 'user.visited', settings: { status: 'INACTIVE' } })
  const claimable = await createEvent({
    from: -390, to: 1, type: 'quest.cleared', changes: { endsAt: inDays(-350), claimUntil: inDays(1) }
  })
  const inReview = await createEvent({ from: -350, to: 1, type: 'order.paid', settings: { grantMode: 'REVIEW' } })
  const pending = await call('POST', `/v1/events/${inReview}/claims`, { token: as('USER', ann) })
  t.match(pending, { status: 201, body: { status: 'PENDING' } })
  await db.collection<Row>('events').updateOne({ _id: inReview }, { $set: { endsAt: inDays(-100) } })
  const recent = await createEvent({ from: -40, to: 1, type: 'item.bought', changes: { endsAt: inDays(-10) } })
  await createEvent({ from: -250, to: 1, type: 'order.paid', changes: { endsAt: inDays(-60) } })
  await createEvent({ from: -250, to: 1, type: 'other.done', changes: { endsAt: inDays(-31) } })
  t.match(await call('POST', `/v1/events/${running}/claims`, { token: as('USER', ann) }), { status: 201 })
  t.match(await call('POST', `/v1/events/${running}/claims`, { token: as('USER', ben) }), { status: 201 })

  const kept: Readonly<Record<string, ReadonlyArray<readonly [number, number]>>> = {
    'quest.cleared': [[-300, 10], [-390, -350]],
    'game.scored': [[-200, 5]],
    'user.visited': [[-100, 20]],
    'order.paid': [[-350, -100]],
    'item.bought': [[-40, -10]]
  }
  const mayGo = ({ type, occurredAt, receivedAt }: Row): boolean =>
    occurredAt < inDays(-retentionDays) && receivedAt.getHighBits() * 1000 < inDays(-retentionDays).getTime() &&
    !(kept[type] ?? []).some(([from, to]) => occurredAt >= inDays(from) && occurredAt < inDays(to))
  const all = await activities.find().toArray()
  const staying = all.filter(row => !mayGo(row)).map(({ _id }) => _id).sort()

  const tokens = new Map(users.map(userId => [userId, as('USER', userId)]))

  /** All data that is derived from activities and claims. Only the requests of one event are sent at the same time. */
  async function answers (): Promise<unknown[]> {
    const all: unknown[] = []
    type Asked = readonly [method: 'GET' | 'POST', path: string, token: string | undefined, body?: object]
    async function ask (requests: readonly Asked[]): Promise<void> {
      all.push(...await Promise.all(requests.map(async ([method, path, token = operator, body]) => {
        const { status, body: answer } = await call(method, path, { token, ...(body && { body }) })
        return { path, status, answer: { ...answer, asOf: undefined, requestId: undefined } }
      })))
    }
    for (const eventId of [running, daily, draft, claimable, inReview, recent]) {
      const path = `/v1/events/${eventId}`
      await ask(users.flatMap(userId => [
        ['GET', `${path}/progress`, tokens.get(userId)],
        ['POST', `${path}/evaluate`, operator, { userId }],
        ['POST', `${path}/evaluate`, operator, { userId, at: inDays(-120).toISOString() }]
      ]))
      await ask([['POST', `${path}/simulate?users=true`, operator], ['GET', `${path}/stats`, auditor]])
    }
    await ask(users.flatMap(userId =>
      ['wallet', 'ledger'].map(name => ['GET', `/v1/users/me/${name}`, tokens.get(userId)] as const)))
    await ask(['/v1/claims?limit=100', '/v1/stats'].map(path => ['GET', path, auditor] as const))
    return all
  }

  let before: unknown[] = []

  await t.test('an event that cannot be read: nothing is removed', async t => {
    const events = db.collection<Row>('events')
    await events.updateOne({ _id: draft }, { $set: { timeZone: 7 } })
    await t.rejects(retentionOf().pass())
    t.equal(await activities.countDocuments(), all.length)
    await events.updateOne({ _id: draft }, { $set: { timeZone: 'UTC' } })
  })

  await t.test('two concurrent processes remove unneeded activities, by index, and no response changes', async t => {
    before = await answers()
    const counted = (JSON.stringify(before).match(/"current":[1-9]/g) ?? []).length
    t.ok(counted > 30, `${counted} answers count something`)
    const removed: number[] = []
    await db.createCollection('system.profile', { capped: true, size: 64 * 1024 * 1024 })
    await db.command({ profile: 2 })
    const note = (count: number): void => { removed.push(count) }
    await Promise.all([retentionOf(note).pass(), retentionOf(note).pass()])
    await retentionOf(note).pass()
    await db.command({ profile: 0 })
    t.same((await activities.find().toArray()).map(({ _id }) => _id).sort(), staying)
    t.equal(removed.reduce((sum, count) => sum + count, 0), all.length - staying.length)
    t.ok(all.length - staying.length > 1000 && staying.length > 500)
    t.ok(removed.every(count => count <= 500))
    const own = { ns: /\.(activities|events|claims)$/ }
    const plans = await db.collection('system.profile').distinct('planSummary', own)
    t.ok(plans.length > 2)
    t.same(plans.filter(plan => /COLLSCAN/.test(String(plan))), [])
    const inReviews = { ns: /\.claims$/, 'command.aggregate': 'claims' }
    t.match(await db.collection('system.profile').distinct('planSummary', inReviews), [/^DISTINCT_SCAN/])
    t.strictSame(await answers(), before)
    await db.collection('snapshots').deleteMany({})
    t.strictSame(await answers(), before, 'without snapshots')
  })

  await t.test('an activity that is reported again after its removal affects no event that needs it', async t => {
    const stays = new Set(staying.map(_id => _id.replace(/:.*:/, ':')))
    const gone = reported.filter(({ userId, id }) => !stays.has(`${userId}:${id}`))
    const late = await report(gone.slice(0, 100), as('SERVICE'))
    t.equal(late.rejected.length, 100)
    t.match(late.rejected[0], { code: /OCCURRED_TOO_LONG_AGO|RESERVED_TYPE/ })
    t.equal((await report(gone)).accepted, gone.length)
    t.strictSame(await answers(), before)
    await retentionOf().pass()
    t.equal(await activities.countDocuments(), staying.length + gone.length, 'recent arrivals are kept')
  })

  await t.test('a server with ACTIVITY_RETENTION_DAYS removes activities automatically, and counts them', async t => {
    await activities.updateMany({}, { $set: { receivedAt: arrived } })
    const { buildApp } = await import('../../../src/app.ts')
    const { readConfig } = await import('../../../src/config.ts')
    const app = await buildApp(readConfig({ ...env, ACTIVITY_RETENTION_DAYS: String(retentionDays) }))
    t.teardown(async () => { await app.close() })
    const url = await app.listen({ host: '127.0.0.1', port: 0 })
    const { length } = all.filter(row => !mayGo({ ...row, receivedAt: arrived } as Row))
    await eventually(async () => await activities.countDocuments() === length)
    const metrics = await fetch(`${url}/metrics`).then(async answer => await answer.text())
    t.match(metrics, /^laurel_activities_removed_total [1-9]\d*$/m)
  })
})
