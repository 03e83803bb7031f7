import { createAuditStore } from '@laurel/shared/mongo'
import t from 'tap'
import { activeEvent, changedEvent, runningEvent, startedEvent } from '../../../../test/kit/servers/events.ts'
import { as, atOnce, countByStatus, newUserId, type Row } from '../../../../test/kit/servers/event-service.ts'
import { sharedEventService } from '../../../../test/kit/servers/shared-event-service.ts'
import { auditOfNewCodes, type AuditTarget } from '../../../src/domain/audit.ts'
import { raisePool } from '../../../src/engine/coupon-pools.ts'
import { createCouponStore } from '../../../src/stores/coupons.ts'
import { createEventStore } from '../../../src/stores/events.ts'

const { call, server, db } = await sharedEventService()
const operatorId = newUserId()
const operator = as('OPERATOR', operatorId)
const points = { type: 'POINT', name: 'Points', amount: 5, stock: 10, attributes: { grade: 'S' } }
const coupon = { type: 'COUPON', name: 'A free coffee' }
const create = async (body: object, headers = {}) =>
  await call('POST', '/v1/events', { token: operator, body, headers })
const patch = async (id: string, body: object) => await call('PATCH', `/v1/events/${id}`, { token: operator, body })
const remove = async (path: string, turn = 0) => await server(turn)('DELETE', `/v1/events/${path}`, { token: operator })
const read = async (id: string) => await call('GET', `/v1/events/${id}`, { token: operator })
const audit = async () => (await call('GET', '/v1/audit/events?limit=1', { token: as('ADMIN') })).body.data[0]
const idsOf = (rewards: ReadonlyArray<{ id: string }>) => rewards.map(({ id }) => id)

t.test('201: one request creates and starts an event with its rewards', async t => {
  const { status, body } = await create(startedEvent(null, { rewards: [points, coupon] }))
  t.equal(status, 201)
  t.hasStrict(body, { status: 'ACTIVE', version: 1, rewards: [{ ...points, remaining: 10 }, { ...coupon, stock: 0 }] })
  t.strictSame(idsOf((await read(body.id)).body.rewards), idsOf(body.rewards))
  t.hasStrict(await audit(), {
    action: 'createEvent',
    after: { rewards: [{ name: 'Points' }, { name: 'A free coffee' }] }
  })
  const withPoints = await create(startedEvent(null, { rewards: [points] }))
  const claim = await call('POST', `/v1/events/${withPoints.body.id as string}/claims`, { token: as('USER') })
  t.hasStrict(claim, { status: 201, body: { rewards: [{ name: 'Points', attributes: { grade: 'S' } }] } })
})

t.test('400: an invalid reward of a new event is named, and no event is created', async t => {
  const before = await db.collection('events').countDocuments()
  const large = {
    ...points,
    attributes: { a: 'x'.repeat(1000), b: 'x'.repeat(1000), c: 'x'.repeat(1000), d: 'x'.repeat(950) }
  }
  for (const [pointer, rewards] of [
    ['/rewards', []],
    ['/rewards', Array(11).fill(points)],
    ['/rewards/1/amount', [points, { ...points, amount: 0 }]],
    ['/rewards/0/type', [{ ...points, type: 'GOLD' }]],
    ['/rewards/1/attributes', [points, { ...points, attributes: { ...large.attributes, e: 'x'.repeat(200) } }]],
    ['/rewards/4/attributes', Array(5).fill(large)]
  ] as const) {
    const { status, body } = await create(runningEvent(null, { rewards }))
    t.equal(status, 400, pointer)
    t.ok(body.errors.some((error: { pointer: string }) => error.pointer === pointer), JSON.stringify(body.errors))
  }
  t.equal(await db.collection('events').countDocuments(), before)
})

t.test('422: the rewards are part of the body that an Idempotency-Key identifies', async t => {
  const headers = { 'idempotency-key': 'with rewards' }
  const body = runningEvent(null, { rewards: [points] })
  const first = await create(body, headers)
  t.hasStrict(await create(body, headers), { status: 201, body: { id: first.body.id } })
  t.hasStrict(await create({ ...body, rewards: [coupon] }, headers), {
    status: 422,
    body: { code: 'IDEMPOTENCY_KEY_REUSED' }
  })
})

t.test('409 NO_REWARDS: an event without a reward does not become ACTIVE', async t => {
  const refused = { status: 409, body: { code: 'NO_REWARDS' } }
  t.hasStrict(await create(runningEvent(null, { status: 'ACTIVE' })), refused)
  const { body: { id } } = await create(runningEvent())
  t.hasStrict(await patch(id, { status: 'ACTIVE', name: 'Other' }), refused)
  t.hasStrict((await read(id)).body, { status: 'INACTIVE', name: 'An event', version: 1 })
  const emptied = await changedEvent(call, db, operator, { rewards: [] })
  t.hasStrict(await patch(emptied, { name: 'Other' }), { status: 200 }, 'an event that is already ACTIVE can change')
})

t.test('409 EVENT_ENDED: an event that can no longer be claimed does not become ACTIVE', async t => {
  const refused = { status: 409, body: { code: 'EVENT_ENDED' } }
  const past = { startsAt: '2020-01-01T00:00:00Z', endsAt: '2020-02-01T00:00:00Z' }
  t.hasStrict(await create(startedEvent(null, past)), refused)
  t.hasStrict(await create(startedEvent(null, { ...past, claimUntil: '2099-01-01T00:00:00Z' })), { status: 201 })
  const ended = await changedEvent(call, db, operator, {
    startsAt: new Date(past.startsAt), endsAt: new Date(past.endsAt)
  })
  t.equal((await patch(ended, { status: 'INACTIVE' })).status, 200)
  t.hasStrict(await patch(ended, { status: 'ACTIVE' }), refused, 'still refused')
  t.hasStrict(
    await patch(ended, { status: 'ACTIVE', endsAt: '2099-01-01T00:00:00Z' }),
    { status: 200 },
    'unless it moves'
  )
})

t.test('204: an event that was never ACTIVE is deleted with its rewards and their codes', async t => {
  const { body } = await create(runningEvent(null, { rewards: [points, coupon] }))
  const [, { id: rewardId }] = body.rewards
  const other = (await create(runningEvent(null, { rewards: [coupon] }))).body
  const addCodes = async (eventId: string, rewardId: string) =>
    await call('POST', `/v1/events/${eventId}/rewards/${rewardId}/codes`, {
      token: operator,
      body: { codes: ['A', 'B'] }
    })
  t.equal((await addCodes(body.id, rewardId)).status, 200)
  t.equal((await addCodes(other.id, other.rewards[0].id)).status, 200)
  t.hasStrict(await remove(body.id), { status: 204, body: '' })
  t.equal((await read(body.id)).status, 404)
  for (const name of ['couponCodes', 'couponPools']) {
    t.equal(await db.collection(name).countDocuments({ eventId: body.id }), 0, name)
    t.not(await db.collection(name).countDocuments({ eventId: other.id }), 0, `${name} of another event`)
  }
  const deleted = (await call('GET', '/v1/audit/events?limit=100', { token: as('ADMIN') })).body.data.filter(
    ({ action, targetId }: { action: string; targetId: string }) => action === 'deleteEvent' && targetId === body.id
  )
  t.hasStrict(deleted, [{ actorId: operatorId, before: { name: 'An event', rewards: [{ name: 'Points' }, {}] } }])
})

t.test('409 EVENT_FROZEN: neither an event that has been ACTIVE nor its rewards can be deleted', async t => {
  const eventId = await activeEvent(call, operator, null, [points, points])
  const { rewards } = (await read(eventId)).body
  const refused = { status: 409, body: { code: 'EVENT_FROZEN' } }
  const check = async () => {
    t.hasStrict(await remove(eventId), refused)
    t.hasStrict(await remove(`${eventId}/rewards/${rewards[0].id as string}`), refused)
  }
  await check()
  await patch(eventId, { status: 'INACTIVE' })
  await check()
  t.equal((await read(eventId)).body.rewards.length, 2)
})

t.test('204: a reward can be deleted until the first activation', async t => {
  const { body } = await create(runningEvent(null, { rewards: [points, coupon, { ...points, name: 'More points' }] }))
  const [first, second, third] = idsOf(body.rewards)
  const codes = `/v1/events/${body.id as string}/rewards/${second}/codes`
  await call('POST', codes, { token: operator, body: { codes: ['A', 'B'] } })
  t.equal((await remove(`${body.id as string}/rewards/${second}`)).status, 204)
  t.hasStrict(await audit(), { action: 'deleteReward', targetId: second, before: { name: 'A free coffee' } })
  t.strictSame(idsOf((await read(body.id)).body.rewards), [first, third])
  t.equal(await db.collection<Row>('couponCodes').countDocuments({ eventId: body.id }), 0)
  t.hasStrict(await remove(`${body.id as string}/rewards/${second}`), {
    status: 404,
    body: { code: 'REWARD_NOT_FOUND' }
  })
  t.hasStrict(await remove(`nothing/rewards/${first}`), { status: 404, body: { code: 'EVENT_NOT_FOUND' } })
  t.hasStrict(await remove('nothing'), { status: 404, body: { code: 'EVENT_NOT_FOUND' } })
})

t.test('201: a retry of addReward gets its reward after another one was deleted', async t => {
  const { body } = await create(runningEvent(null, { rewards: [points] }))
  const path = `/v1/events/${body.id as string}/rewards`
  const add = async () =>
    await call('POST', path, { token: operator, body: coupon, headers: { 'idempotency-key': 'a key' } })
  const added = await add()
  await remove(`${body.id as string}/rewards/${body.rewards[0].id as string}`)
  const again = await add()
  t.hasStrict(again, { status: 201, body: { id: added.body.id } })
  t.equal(again.headers.get('idempotent-replayed'), 'true')
})

t.test('201: a clone has the rules and the rewards of its event, and empty pools', async t => {
  const condition = { aggregation: 'count', activity: 'quest.cleared', target: 2 } as const
  const place = { group: 'winter', position: 2, stockPer: 'EVENT' }
  const settings = { description: 'Twice', timeZone: 'Asia/Seoul', claimPeriod: 'DAY', grantMode: 'REVIEW', ...place }
  const { body: source } = await create(startedEvent(condition, {
    ...settings, claimUntil: '2099-01-01T00:00:00Z', rewards: [points, coupon]
  }))
  const codes = `/v1/events/${source.id as string}/rewards/${source.rewards[1].id as string}/codes`
  await call('POST', codes, { token: operator, body: { codes: ['A'] } })
  const clone = async (body: object) =>
    await call('POST', `/v1/events/${source.id as string}/clone`, { token: operator, body })

  const dates = { startsAt: '2098-01-01T00:00:00.000Z', endsAt: '2098-02-01T00:00:00.000Z' }
  const { status, headers, body } = await clone({ name: 'Again', ...dates })
  t.equal(status, 201)
  t.equal(headers.get('etag'), '"1"')
  t.hasStrict(body, {
    ...settings,
    ...dates,
    name: 'Again',
    condition,
    claimUntil: null,
    status: 'INACTIVE',
    version: 1
  })
  t.hasStrict(body.rewards, [points, { ...coupon, stock: 0 }])
  t.strictSame(
    new Set([...idsOf(body.rewards), ...idsOf(source.rewards), body.id, source.id]).size,
    6,
    'all ids are new'
  )
  t.hasStrict(await audit(), {
    action: 'cloneEvent',
    targetId: body.id,
    after: { clonedFrom: source.id, name: 'Again' }
  })
  t.hasStrict((await clone({ name: 'For all', ...dates, condition: null })).body, { condition: null })
  const next = { group: 'summer', position: 3 }
  t.hasStrict((await clone({ name: 'Next', ...dates, ...next })).body, next)
  t.hasStrict((await clone({ name: 'Alone', ...dates, group: null })).body, { group: null, position: 2 })
  t.equal((await patch(body.id, { status: 'ACTIVE' })).status, 200)
})

t.test('400: a clone needs a name and dates; 404: a missing event', async t => {
  const { body: { id } } = await create(runningEvent(null, { rewards: [points] }))
  const right = { name: 'Again', startsAt: '2098-01-01T00:00:00Z', endsAt: '2098-02-01T00:00:00Z' }
  const clone = async (eventId: string, body: object) =>
    await call('POST', `/v1/events/${eventId}/clone`, { token: operator, body })
  for (const [pointer, body] of [
    ['/name', { ...right, name: undefined }],
    ['/endsAt', { ...right, endsAt: right.startsAt }],
    ['/status', { ...right, status: 'ACTIVE' }],
    ['/position', { ...right, position: 1001 }],
    ['/condition/target', { ...right, condition: { aggregation: 'count', activity: 'a', target: 0 } }]
  ] as const) t.hasStrict(await clone(id, body), { status: 400, body: { errors: [{ pointer }] } }, pointer)
  t.hasStrict(await clone('nothing', right), { status: 404, body: { code: 'EVENT_NOT_FOUND' } })
})

t.test('404: codes that were added while their event was deleted are removed', async t => {
  const audits = createAuditStore<AuditTarget>(db, () => undefined)
  const [events, coupons] = [createEventStore(db, audits, () => undefined), createCouponStore(db, audits)]
  const pool = { eventId: newUserId(), rewardId: newUserId() }
  const actor = { id: operatorId, role: 'OPERATOR', requestId: 'a request' } as const
  await coupons.add(pool, ['A', 'B'], auditOfNewCodes(actor, pool.eventId, pool.rewardId, 2, new Date()))
  await t.rejects(raisePool(events, coupons, pool), { code: 'EVENT_NOT_FOUND' })
  const waiting = await coupons.unfinished(1000)
  t.notOk(waiting.some(({ eventId }) => eventId === pool.eventId), 'no unfinished work is left')
  t.equal(await db.collection('couponCodes').countDocuments({ eventId: pool.eventId }), 0)
})

t.test('409 or 404: of a concurrent activation and deletion, exactly one succeeds', async t => {
  const outcomes = await atOnce(20, async round => {
    const { body: { id } } = await create(runningEvent(null, { rewards: [points] }))
    const activation = server(round)('PATCH', `/v1/events/${id as string}`, {
      token: operator,
      body: { status: 'ACTIVE' }
    })
    const [activated, deleted] = await Promise.all([activation, remove(id, round + 1)])
    t.ok(activated.status === 200 ? deleted.status === 409 : activated.status === 404 && deleted.status === 204)
    t.equal((await read(id)).status, activated.status)
    return activated
  })
  t.comment(`the activation by status: ${JSON.stringify(countByStatus(outcomes))}`)
})
