import t from 'tap'
import { activeEvent, changedEvent, runningEvent } from '../../../../test/kit/servers/events.ts'
import { as, newUserId } from '../../../../test/kit/servers/event-service.ts'
import { sharedEventService } from '../../../../test/kit/servers/shared-event-service.ts'

const { call, db, did } = await sharedEventService()
const operator = as('OPERATOR')
const quest = { aggregation: 'count', activity: 'quest.cleared', target: 2 } as const
const days = (count: number) => new Date(Date.now() + count * 86_400_000).toISOString()
const progressOf = async (eventId: string, userId: string) =>
  await call('GET', `/v1/events/${eventId}/progress`, { token: as('USER', userId) })
const claim = async (eventId: string, userId: string) =>
  await call('POST', `/v1/events/${eventId}/claims`, { token: as('USER', userId) })
const current = async (eventId: string, userId: string): Promise<number> =>
  (await progressOf(eventId, userId)).body.progress.current

t.test('200: eligible, code and progress match a claim', async t => {
  const inactive = await activeEvent(call, operator, quest)
  await call('PATCH', `/v1/events/${inactive}`, { token: operator, body: { status: 'INACTIVE' } })
  const past = { startsAt: new Date(days(-2)), endsAt: new Date(days(-1)) }
  const events = [
    ['EVENT_INACTIVE', inactive],
    ['EVENT_NOT_STARTED', await activeEvent(call, operator, quest, undefined, { startsAt: days(1), endsAt: days(2) })],
    ['EVENT_ENDED', await changedEvent(call, db, operator, past, quest)],
    ['NO_REWARDS', await changedEvent(call, db, operator, { rewards: [] }, quest)],
    ['CONDITIONS_NOT_MET', await activeEvent(call, operator, quest)]
  ] as const
  for (const [code, eventId] of events) {
    const userId = newUserId()
    const { status, body } = await progressOf(eventId, userId)
    t.equal(status, 200)
    t.strictSame(body, { eligible: false, code, period: 'EVENT', progress: { ...quest, current: 0, met: false } })
    const answer = await claim(eventId, userId)
    t.strictSame({ code: answer.body.code, progress: answer.body.progress }, { code, progress: body.progress })
  }
})

t.test('200: progress follows the activities until the user is eligible and claims', async t => {
  const eventId = await activeEvent(call, operator, quest)
  const userId = newUserId()
  await did(userId, 'quest.cleared')
  t.hasStrict((await claim(eventId, userId)).body, { code: 'CONDITIONS_NOT_MET' })
  const refused = (await progressOf(eventId, userId)).body
  t.hasStrict(refused, {
    eligible: false,
    code: 'CONDITIONS_NOT_MET',
    progress: { current: 1, met: false },
    claim: { status: 'FAILED', attempts: 1 }
  })
  t.notOk('by' in refused.claim.history[0])

  await did(userId, 'quest.cleared')
  const ready = (await progressOf(eventId, userId)).body
  t.hasStrict(ready, { eligible: true, progress: { current: 2, met: true }, claim: { status: 'FAILED' } })
  t.notOk('code' in ready)

  const granted = await claim(eventId, userId)
  t.equal(granted.status, 201)
  await did(userId, 'quest.cleared')
  const settled = (await progressOf(eventId, userId)).body
  t.strictSame(settled, {
    eligible: false,
    code: 'ALREADY_CLAIMED',
    period: 'EVENT',
    progress: { ...quest, current: 3, met: true },
    claim: granted.body
  })
})

t.test('200: without a condition progress is null', async t => {
  t.strictSame((await progressOf(await activeEvent(call, operator), newUserId())).body, {
    eligible: true,
    period: 'EVENT',
    progress: null
  })
})

t.test('200: reading progress writes nothing', async t => {
  const eventId = await activeEvent(call, operator, quest)
  const hashes = async () =>
    (await db.command({ dbHash: 1, collections: ['events', 'claims', 'activities'] }))['collections']
  const before = await hashes()
  t.equal(Object.keys(before).length, 3)
  for (let count = 0; count < 3; count++) await progressOf(eventId, newUserId())
  t.strictSame(await hashes(), before)
})

t.test('404: a missing event, or for a USER one that was never ACTIVE', async t => {
  const { body: { id } } = await call('POST', '/v1/events', { token: operator, body: runningEvent() })
  for (const eventId of [id, 'nothing', 'a.b']) {
    t.hasStrict(await progressOf(eventId, newUserId()), { status: 404, body: { code: 'EVENT_NOT_FOUND' } })
  }
  t.hasStrict(await call('GET', `/v1/events/${id as string}/progress`, { token: as('ADMIN') }), {
    status: 200,
    body: { code: 'EVENT_INACTIVE' }
  })
})

t.test('count: activities of the user and the type within [startsAt, endsAt), each once', async t => {
  const [startsAt, endsAt] = ['2026-03-01T00:00:00.000Z', '2026-04-01T00:00:00.000Z']
  const eventId = await activeEvent(call, operator, quest, undefined, { startsAt, endsAt, claimUntil: days(1) })
  const userId = newUserId()
  await did(userId, 'quest.cleared', { occurredAt: '2026-02-28T23:59:59.999Z' })
  await did(userId, 'quest.cleared', { occurredAt: endsAt })
  await did(userId, 'quest.cleared')
  await did(userId, 'quest.cleared2', { occurredAt: '2026-03-02T00:00:00Z' })
  await did(userId, 'QUEST.CLEARED', { occurredAt: '2026-03-02T00:00:00Z' })
  await did(newUserId(), 'quest.cleared', { occurredAt: '2026-03-02T00:00:00Z' })
  t.equal(await current(eventId, userId), 0)

  await did(userId, 'quest.cleared', { occurredAt: startsAt })
  t.equal(await current(eventId, userId), 1, 'the first instant')
  const last = { id: 'last', userId, type: 'quest.cleared', occurredAt: '2026-03-31T23:59:59.999Z' }
  const admin = as('ADMIN')
  for (let count = 0; count < 3; count++) {
    await call('POST', '/v1/activities', { token: admin, body: { activities: [last] } })
  }
  t.equal(await current(eventId, userId), 2, 'the last instant, reported late and repeatedly')
  t.equal((await claim(eventId, userId)).status, 201)
})

t.test('sum: the exact sum of the values', async t => {
  const eventId = await activeEvent(call, operator, { aggregation: 'sum', activity: 'shop.paid', target: 1 })
  const userId = newUserId()
  for (const value of [0.1, 0.2]) await did(userId, 'shop.paid', { value })
  t.equal(await current(eventId, userId), 0.3)
  await did(userId, 'shop.paid')
  await did(userId, 'shop.paid', { value: 0.699 })
  t.hasStrict((await progressOf(eventId, userId)).body, { eligible: false, progress: { current: 0.999, met: false } })
  await did(userId, 'shop.paid', { value: 0.001 })
  t.hasStrict((await progressOf(eventId, userId)).body, { eligible: true, progress: { current: 1, met: true } })
})

t.test('active_days: the number of calendar dates in the event\'s zone', async t => {
  const userId = newUserId()
  // In New York the first two are the ends of one day of 25 hours.
  // In Seoul the third date begins at 15:00Z, in Kathmandu at 18:15Z.
  for (const occurredAt of [
    '2026-11-01T04:00:00Z',
    '2026-11-02T04:59:59.999Z',
    '2026-11-02T05:00:00Z',
    '2026-11-02T14:59:59Z',
    '2026-11-02T15:00:00Z',
    '2026-11-02T18:15:00Z'
  ]) {
    await did(userId, 'user.visited', { occurredAt })
  }
  for (const [timeZone, expected] of [
    ['America/New_York', 2],
    ['UTC', 2],
    ['Asia/Seoul', 3],
    ['Asia/Kathmandu', 3]
  ] as const) {
    const overrides = {
      timeZone,
      startsAt: '2026-10-01T00:00:00Z',
      endsAt: '2026-12-01T00:00:00Z',
      claimUntil: '2100-01-01T00:00:00Z'
    }
    const eventId = await activeEvent(
      call,
      operator,
      { aggregation: 'active_days', activity: 'user.visited', target: 3 },
      undefined,
      overrides
    )
    t.hasStrict(
      (await progressOf(eventId, userId)).body,
      { progress: { current: expected, met: expected >= 3 } },
      timeZone
    )
  }
})
