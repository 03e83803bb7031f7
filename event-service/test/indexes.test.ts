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
  const row = await rows.findOne()
  await rows.insertMany(Array.from({ length: count }, (_, index) => ({ ...row, createdAt: new Date(since + index), ...change(index), _id: `${name}-${index}` })))
}
await did(ann, 'quest.cleared')
await call('POST', `/v1/events/${eventId}/claims`, { token: user })
const someone = (index: number): string => index % 30 === 0 ? ann : `user-${index % 30}`
await multiply('claims', 3000, index => ({ eventId: `event-${index % 10}`, userId: someone(index), status: index % 3 === 1 ? 'FAILED' : 'GRANTED' }))
await multiply('events', 1000, index => ({ name: `Event ${index}`, status: index % 2 === 0 ? 'ACTIVE' : 'INACTIVE' }))
await multiply('activities', 3000, index => ({ userId: someone(index), type: index % 4 === 0 ? 'quest.cleared' : 'user.visited' }))
await db.command({ profile: 2 })

interface Profiled { ns: string, planSummary?: string, hasSortStage?: boolean, docsExamined?: number }
let seen = 0

/** What mongod did in our collections since the last look. */
async function lookAtProfile (): Promise<Profiled[]> {
  const all = await db.collection('system.profile').find<Profiled & Row>({ ns: /\.(events|claims|activities)$/ }).sort({ $natural: 1 }).toArray()
  const fresh = all.slice(seen)
  seen = all.length
  return fresh
}

/** One request, each of its queries by an index, in the order of the index, and looking at no more than so many documents. */
async function checkPlans (t: Test, path: string, token: string, mostDocuments = Infinity): Promise<void> {
  await lookAtProfile()
  const { status } = await call('GET', path, { token })
  t.equal(status, 200, path)
  const plans = await lookAtProfile()
  t.ok(plans.length > 0, 'it asks the database')
  for (const { ns, planSummary = '', hasSortStage = false, docsExamined = 0 } of plans) {
    const good = /^(IXSCAN|COUNT_SCAN|IDHACK)/.test(planSummary) && !hasSortStage && docsExamined <= mostDocuments
    t.ok(good, `${path}: ${ns} by ${planSummary}, ${docsExamined} documents${hasSortStage ? ', sorted' : ''}`)
  }
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
  await checkPlans(t, '/v1/users/me/wallet', user, 3000 / 30 + 1)
  await checkPlans(t, `/v1/events/${eventId}`, user, 1)
})
