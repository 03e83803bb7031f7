import t from 'tap'
import { activeEvent, runningEvent } from '../../../../test/kit/servers/events.ts'
import { as, newUserId } from '../../../../test/kit/servers/event-service.ts'
import { sharedEventService } from '../../../../test/kit/servers/shared-event-service.ts'

const condition = {
  any: [
    { aggregation: 'count', activity: 'quest.cleared', target: 2 },
    { aggregation: 'sum', activity: 'order.paid', target: 100 }
  ]
} as const
const minutesAgo = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString()

t.test('evaluateEvent', async t => {
  const { call, did, db } = await sharedEventService()
  const operator = as('OPERATOR')

  t.test('200: the result matches a claim, with every leaf, and nothing is written', async t => {
    const eventId = await activeEvent(call, operator, condition)
    const userId = newUserId()
    await did(userId, 'quest.cleared')
    await did(userId, 'order.paid', { value: 40.5 })
    const evaluate = async () =>
      (await call('POST', `/v1/events/${eventId}/evaluate`, { token: operator, body: { userId } })).body
    const before = await evaluate()
    t.match(before, {
      eligible: false,
      code: 'CONDITIONS_NOT_MET',
      period: 'EVENT',
      progress: {
        met: false,
        any: [
          { current: 1, target: 2 },
          { current: 40.5, target: 100 }
        ]
      }
    })
    t.equal(await db.collection('claims').countDocuments({ eventId }), 0)

    const refusal = await call('POST', `/v1/events/${eventId}/claims`, { token: as('USER', userId) })
    t.same(refusal.body.progress, before.progress, 'the refusal shows the same progress')
    await did(userId, 'quest.cleared')
    t.match(await evaluate(), { eligible: true, progress: { met: true } })
    t.equal((await call('POST', `/v1/events/${eventId}/claims`, { token: as('USER', userId) })).status, 201)
    t.match(await evaluate(), { eligible: false, code: 'ALREADY_CLAIMED' })
  })

  t.test('200: an INACTIVE event without rewards can be evaluated', async t => {
    const { body: { id } } = await call('POST', '/v1/events', { token: operator, body: runningEvent() })
    t.match(
      (await call('POST', `/v1/events/${id}/evaluate`, { token: operator, body: { userId: newUserId() } })).body,
      { eligible: false, code: 'NO_REWARDS', progress: null }
    )
    await call('POST', `/v1/events/${id}/rewards`, { token: operator, body: { type: 'POINT', name: '1', amount: 1 } })
    t.same((await call('POST', `/v1/events/${id}/evaluate`, { token: operator, body: { userId: newUserId() } })).body, {
      eligible: true,
      period: 'EVENT',
      progress: null
    })
  })

  t.test('200: at another time, the dates of the event and the activities up to that time decide', async t => {
    const eventId = await activeEvent(call, operator, { aggregation: 'count', activity: 'quest.cleared', target: 1 })
    const userId = newUserId()
    await did(userId, 'quest.cleared', { occurredAt: minutesAgo(10) })
    const evaluate = async (at: string) =>
      (await call('POST', `/v1/events/${eventId}/evaluate`, { token: operator, body: { userId, at } })).body
    t.match(await evaluate(minutesAgo(11)), { eligible: false, code: 'CONDITIONS_NOT_MET', progress: { current: 0 } })
    t.match(await evaluate(minutesAgo(9)), { eligible: true, progress: { current: 1 } })
    t.match(await evaluate('2020-01-01T00:00:00Z'), { code: 'EVENT_NOT_STARTED' })
    t.match(await evaluate('2099-01-01T00:00:00Z'), { code: 'EVENT_ENDED', progress: { current: 1 } })
  })

  t.test('200: an activity ahead of the clock does not count, with or without `at`', async t => {
    const eventId = await activeEvent(call, operator, { aggregation: 'count', activity: 'quest.cleared', target: 1 })
    const userId = newUserId()
    const occurredAt = minutesAgo(-4)
    await did(userId, 'quest.cleared', { occurredAt })
    const evaluate = async (given: object) =>
      (await call('POST', `/v1/events/${eventId}/evaluate`, { token: operator, body: { userId, ...given } })).body
    const unmet = { eligible: false, code: 'CONDITIONS_NOT_MET', progress: { current: 0 } }
    t.match(await evaluate({}), unmet)
    t.match(await evaluate({ at: new Date().toISOString() }), unmet)
    t.match(await evaluate({ at: occurredAt }), { eligible: true, progress: { current: 1 } })
  })

  t.test('404: a missing event; 400: an invalid instant', async t => {
    t.match(await call('POST', '/v1/events/nothing/evaluate', { token: operator, body: { userId: 'u' } }), {
      status: 404,
      body: { code: 'EVENT_NOT_FOUND' }
    })
    const eventId = await activeEvent(call, operator)
    t.match(
      await call('POST', `/v1/events/${eventId}/evaluate`, { token: operator, body: { userId: 'u', at: 'now' } }),
      { status: 400, body: { errors: [{ pointer: '/at' }] } }
    )
  })
})
