import t from 'tap'
import type { Answer } from '../../../../test/kit/http/client.ts'
import { activeEvent, changedEvent, runningEvent } from '../../../../test/kit/servers/events.ts'
import { as, newUserId, type Row } from '../../../../test/kit/servers/event-service.ts'
import { sharedEventService } from '../../../../test/kit/servers/shared-event-service.ts'

const { call, db, did, url } = await sharedEventService()
const operator = as('OPERATOR')
const condition = { aggregation: 'count', activity: 'quest.cleared', target: 2 } as const
const days = (count: number) => new Date(Date.now() + count * 86_400_000).toISOString()
const claim = async (eventId: string, userId: string, headers = {}): Promise<Answer> =>
  await call('POST', `/v1/events/${eventId}/claims`, { token: as('USER', userId), headers })
const patch = async (eventId: string, body: object) =>
  await call('PATCH', `/v1/events/${eventId}`, { token: operator, body })
const claimsOf = async (userId: string) => await db.collection<Row>('claims').find({ userId }).toArray()

t.test('201: a user who meets the condition is granted all rewards, and the claim shows the progress', async t => {
  const attributes = { grade: 'S', level: 7, tradable: false }
  const eventId = await activeEvent(call, operator, condition, [
    { type: 'POINT', name: '$points', amount: 5 },
    { type: 'CURRENCY', name: 'Gold', currency: 'GOLD', amount: 2 },
    { type: 'ITEM', name: 'A sword', itemId: 'sword', amount: 1, attributes }
  ])
  const userId = newUserId()
  for (let count = 0; count < 3; count++) await did(userId, 'quest.cleared')
  const { status, headers, body } = await claim(eventId, userId)
  t.equal(status, 201)
  t.equal(headers.get('idempotent-replayed'), null)
  const requestId = headers.get('x-request-id')
  t.strictSame(body, {
    id: body.id,
    eventId,
    userId,
    period: 'EVENT',
    status: 'GRANTED',
    progress: { ...condition, current: 3, met: true },
    rewards: [
      { rewardId: body.rewards[0].rewardId, type: 'POINT', name: '$points', amount: 5, attributes: {} },
      {
        rewardId: body.rewards[1].rewardId,
        type: 'CURRENCY',
        name: 'Gold',
        amount: 2,
        currency: 'GOLD',
        attributes: {}
      },
      { rewardId: body.rewards[2].rewardId, type: 'ITEM', name: 'A sword', amount: 1, itemId: 'sword', attributes }
    ],
    attempts: 1,
    delivery: { status: 'PENDING', at: null },
    history: [{ at: body.createdAt, role: 'USER', from: null, to: 'GRANTED', requestId }],
    grantedAt: body.createdAt,
    createdAt: body.createdAt,
    updatedAt: body.createdAt
  })
  const { body: { data } } = await call('GET', `/v1/events/${eventId}/rewards`, { token: operator })
  t.strictSame(
    body.rewards.map((reward: { rewardId: string }) => reward.rewardId),
    data.map(({ id }: { id: string }) => id)
  )
})

t.test('201: without a condition everyone is eligible, an ADMIN too', async t => {
  const eventId = await activeEvent(call, operator)
  t.hasStrict(await claim(eventId, newUserId()), { status: 201, body: { status: 'GRANTED', progress: null } })
  t.hasStrict(await call('POST', `/v1/events/${eventId}/claims`, { token: as('ADMIN') }), {
    status: 201,
    body: { status: 'GRANTED', history: [{ role: 'ADMIN' }] }
  })
})

t.test('409 ALREADY_CLAIMED: a second claim shows the first one and changes nothing', async t => {
  const eventId = await activeEvent(call, operator)
  const userId = newUserId()
  const first = await claim(eventId, userId)
  const before = await claimsOf(userId)
  const again = await claim(eventId, userId)
  t.hasStrict(again, { status: 409, body: { code: 'ALREADY_CLAIMED', claim: first.body } })
  await patch(eventId, { status: 'INACTIVE' })
  t.hasStrict(
    await claim(eventId, userId),
    { status: 409, body: { code: 'ALREADY_CLAIMED', claim: { id: first.body.id } } },
    'even after the event was deactivated'
  )
  t.strictSame(await claimsOf(userId), before)
})

t.test('409: a pending, rejected or revoked claim cannot be claimed again, and does not change', async t => {
  for (const [status, code] of [
    ['PENDING', 'ALREADY_CLAIMED'],
    ['REJECTED', 'CLAIM_REJECTED'],
    ['REVOKED', 'CLAIM_REVOKED']
  ] as const) {
    const eventId = await activeEvent(call, operator)
    const userId = newUserId()
    await claim(eventId, userId)
    await db.collection('claims').updateOne({ userId }, { $set: { status } })
    const before = await claimsOf(userId)
    t.hasStrict(await claim(eventId, userId), { status: 409, body: { code, claim: { status, userId } } })
    t.strictSame(await claimsOf(userId), before)
  }
})

t.test('409 CONDITIONS_NOT_MET: the response shows the progress, and the refusal is recorded', async t => {
  const eventId = await activeEvent(call, operator, condition)
  const userId = newUserId()
  await did(userId, 'quest.cleared')
  const progress = { ...condition, current: 1, met: false }
  const answer = await claim(eventId, userId)
  t.equal(answer.status, 409)
  t.match(answer.headers.get('content-type'), /^application\/problem\+json/)
  t.strictSame(answer.body, { ...answer.body, code: 'CONDITIONS_NOT_MET', progress })
  t.notOk('claim' in answer.body)
  const [row] = await claimsOf(userId)
  t.hasStrict(row, { status: 'FAILED', code: 'CONDITIONS_NOT_MET', progress, rewards: [], attempts: 1 })
})

t.test('409: EVENT_INACTIVE, EVENT_NOT_STARTED, EVENT_ENDED and NO_REWARDS contain the progress', async t => {
  const inactive = await activeEvent(call, operator, condition)
  await patch(inactive, { status: 'INACTIVE' })
  const scheduled = await activeEvent(call, operator, condition, undefined, { startsAt: days(1), endsAt: days(2) })
  const dates = { startsAt: new Date(days(-3)), endsAt: new Date(days(-2)), claimUntil: new Date(days(-1)) }
  const ended = await changedEvent(call, db, operator, dates, condition)
  const withoutRewards = await changedEvent(call, db, operator, { rewards: [] }, condition)
  for (const [eventId, code] of [
    [inactive, 'EVENT_INACTIVE'],
    [scheduled, 'EVENT_NOT_STARTED'],
    [ended, 'EVENT_ENDED'],
    [withoutRewards, 'NO_REWARDS']
  ] as const) {
    const userId = newUserId()
    t.hasStrict(await claim(eventId, userId), {
      status: 409,
      body: { code, progress: { ...condition, current: 0, met: false } }
    })
    t.hasStrict(await claimsOf(userId), [{ eventId, status: 'FAILED', code }])
  }
})

t.test('201: between endsAt and claimUntil, activities from before endsAt are still rewarded', async t => {
  const eventId = await activeEvent(call, operator, condition, undefined, {
    startsAt: days(-3),
    endsAt: days(-2),
    claimUntil: days(1)
  })
  const [late, timely] = [newUserId(), newUserId()]
  for (let count = 0; count < 2; count++) {
    await did(late, 'quest.cleared')
    await did(timely, 'quest.cleared', { occurredAt: days(-2.5) })
  }
  t.hasStrict(await claim(eventId, late), {
    status: 409,
    body: { code: 'CONDITIONS_NOT_MET', progress: { current: 0 } }
  })
  t.hasStrict(await claim(eventId, timely), { status: 201 })
})

t.test('404: a missing event, or for a USER one that was never ACTIVE; nothing is recorded', async t => {
  const { body: { id } } = await call('POST', '/v1/events', { token: operator, body: runningEvent() })
  const userId = newUserId()
  for (const eventId of [id, 'nothing', 'a.b', newUserId()]) {
    t.hasStrict(await claim(eventId, userId), { status: 404, body: { code: 'EVENT_NOT_FOUND' } })
  }
  t.strictSame(await claimsOf(userId), [])
  t.hasStrict(await call('POST', `/v1/events/${id as string}/claims`, { token: as('ADMIN') }), {
    status: 409,
    body: { code: 'EVENT_INACTIVE' }
  })
})

t.test('201: no body, an empty body and {} are accepted; 400: any other body', async t => {
  const eventId = await activeEvent(call, operator)
  const post = async (body: string | null, type?: string): Promise<number> => {
    const headers = { authorization: `Bearer ${as('USER')}`, ...(type === undefined ? {} : { 'content-type': type }) }
    const { status } = await fetch(`${url}/v1/events/${eventId}/claims`, { method: 'POST', headers, body })
    return status
  }
  t.equal(await post(null), 201)
  t.equal(await post(null, 'application/json'), 201)
  t.equal(await post('', 'application/json'), 201)
  t.equal(await post('{}', 'application/json; charset=utf-8'), 201)
  for (const body of ['{"a":1}', '{"userId":"other"}', '[]', 'null', '"x"', '1', '{', '{"__proto__":{}}']) {
    t.equal(await post(body, 'application/json'), 400, body)
  }
  t.equal(await post('{}', 'text/plain'), 415)
})
