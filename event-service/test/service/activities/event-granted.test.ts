import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import type { Condition } from '@laurel/shared/contracts'
import type { Answer } from '../../../../test/kit/http/client.ts'
import { activeEvent } from '../../../../test/kit/servers/events.ts'
import { as, newUserId, type Row } from '../../../../test/kit/servers/event-service.ts'
import { sharedEventService } from '../../../../test/kit/servers/shared-event-service.ts'

const { call, db, did } = await sharedEventService()
const operator = as('OPERATOR')

function grantsIn (group: string, target: number, extra: object = {}): Condition {
  return {
    aggregation: 'unique_count',
    activity: 'event.granted',
    property: 'eventId',
    where: [{ property: 'group', op: 'eq', value: group }],
    target,
    ...extra
  }
}

const start = async (condition: Condition | null, settings: object = {}): Promise<string> =>
  await activeEvent(call, operator, condition, undefined, settings)
const claim = async (eventId: string, userId: string): Promise<Answer> =>
  await call('POST', `/v1/events/${eventId}/claims`, { token: as('USER', userId) })
const progress = async (eventId: string, userId: string): Promise<any> =>
  (await call('GET', `/v1/events/${eventId}/progress`, { token: as('USER', userId) })).body
const evaluate = async (eventId: string, userId: string, at?: string): Promise<any> =>
  (await call('POST', `/v1/events/${eventId}/evaluate`, { token: operator, body: { userId, ...(at && { at }) } })).body

t.test('201: a reward for a whole board is granted after each of its events', async t => {
  const board = [await start(null, { group: 'winter' }), await start(null, { group: 'winter' })]
  const other = await start(null, { group: 'summer' })
  const alone = await start(null)
  const all = await start(grantsIn('winter', 2))
  const [userId, somebody] = [newUserId(), newUserId()]
  for (const eventId of [board[0] ?? '', other, alone]) await claim(eventId, userId)
  for (const eventId of board) await claim(eventId, somebody)
  t.hasStrict(await claim(all, userId), { status: 409, body: { code: 'CONDITIONS_NOT_MET', progress: { current: 1 } } })
  t.hasStrict(await progress(all, userId), { eligible: false, progress: { current: 1, target: 2 } })
  t.hasStrict(await evaluate(all, userId), { eligible: false, progress: { current: 1 } })
  const before = new Date().toISOString()
  await sleep(5)
  await claim(board[1] ?? '', userId)
  t.hasStrict(await progress(all, userId), { eligible: true, progress: { current: 2 } })
  t.hasStrict(await evaluate(all, userId), { eligible: true, progress: { current: 2 } })
  t.hasStrict(await evaluate(all, userId, before), { eligible: false, progress: { current: 1 } }, 'as it was then')
  t.hasStrict(await claim(all, userId), { status: 201, body: { progress: { current: 2, met: true } } })
})

t.test('200: a condition uses the current group of an event', async t => {
  const first = await start(null, { group: 'old' })
  const userId = newUserId()
  await claim(first, userId)
  const byGroup = await start(grantsIn('new', 1))
  t.hasStrict(await progress(byGroup, userId), { eligible: false })
  await call('PATCH', `/v1/events/${first}`, { token: operator, body: { group: 'new' } })
  t.hasStrict(await progress(byGroup, userId), { eligible: true })
})

t.test('409 CONDITIONS_NOT_MET: refused, pending and revoked claims do not count as grants', async t => {
  const unmet: Condition = { aggregation: 'count', activity: 'quest.cleared', target: 1 }
  const userId = newUserId()
  const chain = await start({ aggregation: 'count', activity: 'event.granted', target: 1 })
  await claim(await start(unmet), userId)
  const pending = await claim(await start(null, { grantMode: 'REVIEW' }), userId)
  t.hasStrict(await claim(chain, userId), {
    status: 409, body: { code: 'CONDITIONS_NOT_MET', progress: { current: 0 } }
  })
  await call('POST', `/v1/claims/${pending.body.id as string}/approve`, { token: operator, body: {} })
  t.hasStrict(await progress(chain, userId), { eligible: true, progress: { current: 1 } })
  const revoke = { token: as('ADMIN'), body: { reason: 'A mistake' } }
  t.equal((await call('POST', `/v1/claims/${pending.body.id as string}/revoke`, revoke)).status, 200)
  t.hasStrict(await progress(chain, userId), { eligible: false, progress: { current: 0 } })
  t.hasStrict(await claim(chain, userId), { status: 409 })
})

t.test('200: grants count by their instant, in the period of the claim and in the dates of the event', async t => {
  const userId = newUserId()
  const daily = await start({ aggregation: 'count', activity: 'event.granted', target: 1 }, { claimPeriod: 'DAY' })
  const whole = await start({ aggregation: 'count', activity: 'event.granted', target: 1 }, {
    startsAt: '2026-01-01T00:00:00Z', endsAt: '2099-01-01T00:00:00Z'
  })
  const { body: { id } } = await claim(await start(null), userId)
  t.hasStrict(await progress(daily, userId), { eligible: true })
  const change = async (grantedAt: string): Promise<unknown> =>
    await db.collection<Row>('claims').updateOne({ _id: id }, { $set: { grantedAt: new Date(grantedAt) } })
  await change('2026-01-01T00:00:00Z')
  t.hasStrict([await progress(daily, userId), await progress(whole, userId)], [{ eligible: false }, { eligible: true }])
  await change('2025-12-31T23:59:59.999Z')
  t.hasStrict(await progress(whole, userId), { eligible: false })
})

t.test('409 CONDITIONS_NOT_MET: events that require each other can never be claimed', async t => {
  const each = [await start(grantsIn('circle', 1), { group: 'circle' })]
  each.push(await start(grantsIn('circle', 1), { group: 'circle' }))
  const userId = newUserId()
  for (const eventId of each) {
    t.hasStrict(await claim(eventId, userId), { status: 409, body: { code: 'CONDITIONS_NOT_MET' } })
    t.hasStrict(await progress(eventId, userId), { eligible: false, progress: { current: 0 } })
  }
})

t.test('200: grants and activities can be combined in one condition, even with a long history', async t => {
  const userId = newUserId()
  const quests = { aggregation: 'count', activity: 'quest.cleared', target: 201 } as const
  const both = await start({ all: [quests, { aggregation: 'count', activity: 'event.granted', target: 1 }] })
  const activities = Array.from({ length: 201 }, (_, index) => ({ id: `q-${index}`, userId, type: 'quest.cleared' }))
  await call('POST', '/v1/activities', { token: as('ADMIN'), body: { activities } })
  const first = await start(null)
  t.hasStrict(await progress(both, userId), { progress: { all: [{ met: true }, { met: false }] } })
  const granted = await claim(first, userId)
  t.hasStrict(await progress(both, userId), { eligible: true })
  await call('POST', `/v1/claims/${granted.body.id as string}/revoke`, { token: as('ADMIN'), body: { reason: 'No' } })
  t.hasStrict(await progress(both, userId), { progress: { all: [{ met: true }, { met: false }] } })
  t.hasStrict(await evaluate(both, userId), { progress: { all: [{ current: 201 }, { current: 0 }] } })
})

t.test('a batch reads the grants of its users in one command, by index; other conditions read none', async t => {
  const chain = await start({ aggregation: 'count', activity: 'event.granted', target: 5 })
  const plain = await start({ aggregation: 'count', activity: 'quest.cleared', target: 5 })
  const userId = newUserId()
  for (const eventId of [await start(null), await start(null)]) await claim(eventId, userId)
  await did(userId, 'quest.cleared')
  await db.command({ profile: 2 })
  t.teardown(async () => { await db.command({ profile: 0 }) })
  const readsOfGrants = async (): Promise<Row[]> => await db.collection('system.profile')
    .find<Row>({ 'command.hint': 'user_by_grant', 'command.filter.userId.$in': userId }).toArray()
  await progress(plain, userId)
  t.equal((await readsOfGrants()).length, 0)
  t.hasStrict(await progress(chain, userId), { progress: { current: 2 } })
  const [read, ...more] = await readsOfGrants()
  t.equal(more.length, 0)
  t.hasStrict(read, { planSummary: 'IXSCAN { userId: 1, grantedAt: 1, _id: 1 }', docsExamined: 2 })
})
