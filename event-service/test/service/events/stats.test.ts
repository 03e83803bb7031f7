import t from 'tap'
import { activeEvent } from '../../../../test/kit/servers/events.ts'
import { as, newUserId, type Row } from '../../../../test/kit/servers/event-service.ts'
import { sharedEventService } from '../../../../test/kit/servers/shared-event-service.ts'

const { call, db, did } = await sharedEventService()
const operator = as('OPERATOR')

t.test('200: stats show claims by status, units of each reward, and grants by day in the event\'s zone', async t => {
  const eventId = await activeEvent(
    call,
    operator,
    { aggregation: 'count', activity: 'quest.cleared', target: 1 },
    [
      { type: 'POINT', name: 'Points', amount: 1, stock: 10 },
      { type: 'ITEM', name: 'A sword', itemId: 'sword', amount: 1 }
    ],
    { grantMode: 'REVIEW', timeZone: 'Asia/Seoul' }
  )
  const ids: string[] = []
  for (let count = 0; count < 5; count++) {
    const userId = newUserId()
    if (count > 0) await did(userId, 'quest.cleared')
    const { body } = await call('POST', `/v1/events/${eventId}/claims`, { token: as('USER', userId) })
    if (count > 0) ids.push(body.id)
  }
  const decide = async (id: string | undefined, decision: string, body: object) =>
    await call('POST', `/v1/claims/${id}/${decision}`, { token: operator, body })
  await decide(ids[0], 'approve', {})
  await decide(ids[1], 'approve', {})
  await decide(ids[2], 'reject', { reason: 'No' })
  const claims = db.collection<Row>('claims')
  await claims.updateOne({ _id: ids[0] ?? '' }, { $set: { grantedAt: new Date('2026-11-20T14:59:59Z') } })
  await claims.updateOne({ _id: ids[1] ?? '' }, { $set: { grantedAt: new Date('2026-11-20T15:00:00Z') } })

  const { status, body } = await call('GET', `/v1/events/${eventId}/stats`, { token: as('AUDITOR') })
  t.equal(status, 200)
  const [first, second] = body.rewards
  t.strictSame(body, {
    eventId,
    asOf: body.asOf,
    claims: { GRANTED: 2, PENDING: 1, REJECTED: 1, FAILED: 1, REVOKED: 0 },
    rewards: [
      { rewardId: first.rewardId, granted: 2, held: 1, remaining: 7 },
      { rewardId: second.rewardId, granted: 2, held: 1, remaining: null }
    ],
    days: [
      { date: '2026-11-20', granted: 1 },
      { date: '2026-11-21', granted: 1 }
    ]
  })
})

t.test('404: a missing event', async t => {
  t.hasStrict(await call('GET', '/v1/events/nothing/stats', { token: operator }), {
    status: 404,
    body: { code: 'EVENT_NOT_FOUND' }
  })
})
