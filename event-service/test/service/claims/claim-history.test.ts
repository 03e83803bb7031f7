import t from 'tap'
import type { Answer } from '../../../../test/kit/http/client.ts'
import { activeEvent } from '../../../../test/kit/servers/events.ts'
import { as, newUserId } from '../../../../test/kit/servers/event-service.ts'
import { sharedEventService } from '../../../../test/kit/servers/shared-event-service.ts'

const { call, did } = await sharedEventService()
const operator = as('OPERATOR')
const condition = { aggregation: 'sum', activity: 'shop.paid', target: 1 } as const
const claim = async (eventId: string, userId: string, headers = {}): Promise<Answer> =>
  await call('POST', `/v1/events/${eventId}/claims`, { token: as('USER', userId), headers })
const patch = async (eventId: string, body: object) =>
  await call('PATCH', `/v1/events/${eventId}`, { token: operator, body })
const only = async (eventId: string) => {
  const { body: { data } } = await call('GET', `/v1/claims?eventId=${eventId}`, { token: operator })
  t.equal(data.length, 1, 'one row in all')
  return data[0]
}

t.test('a refused claim becomes GRANTED in the same row once the condition is met', async t => {
  const eventId = await activeEvent(call, operator, condition, [
    { type: 'POINT', name: '$history', amount: 5, attributes: { note: '$$NOW' } }
  ])
  const userId = newUserId()
  await did(userId, 'shop.paid', { value: 0.9 })
  const refused = await claim(eventId, userId)
  const failed = await only(eventId)
  t.hasStrict(failed, {
    status: 'FAILED',
    code: 'CONDITIONS_NOT_MET',
    attempts: 1,
    rewards: [],
    progress: { ...condition, current: 0.9, met: false }
  })

  await did(userId, 'shop.paid', { value: 0.1 })
  const granted = await claim(eventId, userId, { 'idempotency-key': '$writtenBy' })
  t.equal(granted.status, 201)
  const row = await only(eventId)
  const requestIds = [refused, granted].map(({ headers }) => headers.get('x-request-id'))
  t.strictSame(row, {
    id: failed.id,
    eventId,
    userId,
    period: 'EVENT',
    status: 'GRANTED',
    progress: { ...condition, current: 1, met: true },
    rewards: [
      { rewardId: row.rewards[0].rewardId, type: 'POINT', name: '$history', amount: 5, attributes: { note: '$$NOW' } }
    ],
    attempts: 2,
    delivery: { status: 'PENDING', at: null },
    history: [
      {
        at: failed.createdAt,
        by: userId,
        role: 'USER',
        from: null,
        to: 'FAILED',
        code: 'CONDITIONS_NOT_MET',
        requestId: requestIds[0]
      },
      { at: row.updatedAt, by: userId, role: 'USER', from: 'FAILED', to: 'GRANTED', requestId: requestIds[1] }
    ],
    createdAt: failed.createdAt,
    grantedAt: row.updatedAt,
    updatedAt: row.updatedAt
  })
  t.ok(row.updatedAt > row.createdAt)
})

t.test('a refused claim has the code of its last refusal', async t => {
  const eventId = await activeEvent(call, operator, condition)
  const userId = newUserId()
  await claim(eventId, userId)
  await patch(eventId, { status: 'INACTIVE' })
  await claim(eventId, userId)
  t.hasStrict(await only(eventId), {
    status: 'FAILED',
    code: 'EVENT_INACTIVE',
    attempts: 2,
    history: [
      { from: null, to: 'FAILED', code: 'CONDITIONS_NOT_MET' },
      { from: 'FAILED', to: 'FAILED', code: 'EVENT_INACTIVE' }
    ]
  })
})

t.test('the history keeps the first and the last 20 refusals, and attempts counts all of them', async t => {
  const eventId = await activeEvent(call, operator, condition)
  const userId = newUserId()
  const requestIds: Array<string | null> = []
  const claimAgain = async () => {
    const { headers } = await claim(eventId, userId)
    requestIds.push(headers.get('x-request-id'))
  }
  const kept = (row: { history: Array<{ requestId: string }> }) => row.history.map(({ requestId }) => requestId)

  while (requestIds.length < 21) await claimAgain()
  t.strictSame(kept(await only(eventId)), requestIds, 'all of the first 21 are kept')
  while (requestIds.length < 25) await claimAgain()
  const refused = await only(eventId)
  t.strictSame(kept(refused), [requestIds[0], ...requestIds.slice(-20)])
  t.equal(refused.attempts, 25)

  await did(userId, 'shop.paid', { value: 1 })
  await claimAgain()
  const granted = await only(eventId)
  t.hasStrict(granted, { status: 'GRANTED', attempts: 26 })
  t.strictSame(kept(granted), [requestIds[0], ...requestIds.slice(-21)])
  await claimAgain()
  t.strictSame(await only(eventId), granted, 'nothing is recorded after the grant')
})

t.test('201: a retry after a lost response gets the success again, with idempotent-replayed', async t => {
  const eventId = await activeEvent(call, operator)
  const userId = newUserId()
  const headers = { 'idempotency-key': 'attempt 1' }
  const first = await claim(eventId, userId, headers)
  t.equal(first.headers.get('idempotent-replayed'), null)
  const retry = await claim(eventId, userId, headers)
  t.equal(retry.status, 201)
  t.equal(retry.headers.get('idempotent-replayed'), 'true')
  t.strictSame(retry.body, first.body)
  await patch(eventId, { status: 'INACTIVE' })
  t.equal((await claim(eventId, userId, headers)).status, 201, 'even after the event was deactivated')

  t.hasStrict(await claim(eventId, userId), { status: 409, body: { code: 'ALREADY_CLAIMED' } }, 'without a key')
  t.hasStrict(
    await claim(eventId, userId, { 'idempotency-key': 'attempt 2' }),
    { status: 409, body: { code: 'ALREADY_CLAIMED' } },
    'with another key'
  )
  t.hasStrict(await only(eventId), { attempts: 1 })
})

t.test('201: a key belongs to its caller and event, and a refusal with the same key is decided again', async t => {
  const [one, other] = [await activeEvent(call, operator), await activeEvent(call, operator, condition)]
  const userId = newUserId()
  const headers = { 'idempotency-key': 'a key' }
  const answers = [
    await claim(one, userId, headers),
    await claim(one, newUserId(), headers),
    await claim(other, userId, headers)
  ]
  t.strictSame(
    answers.map(({ status, headers }) => [status, headers.get('idempotent-replayed')]),
    [
      [201, null],
      [201, null],
      [409, null]
    ]
  )

  await did(userId, 'shop.paid', { value: 1 })
  const granted = await claim(other, userId, headers)
  t.strictSame([granted.status, granted.headers.get('idempotent-replayed')], [201, null])
  t.equal((await claim(other, userId, headers)).headers.get('idempotent-replayed'), 'true')
})

t.test('400: an Idempotency-Key must have 1 to 64 printable characters', async t => {
  const eventId = await activeEvent(call, operator)
  const userId = newUserId()
  for (const key of ['', 'x'.repeat(65), 'é']) {
    t.hasStrict(await claim(eventId, userId, { 'idempotency-key': key }), {
      status: 400,
      body: { code: 'VALIDATION_FAILED' }
    })
  }
  t.equal((await claim(eventId, userId, { 'idempotency-key': 'x'.repeat(64) })).status, 201)
})
