import t from 'tap'
import { activeEvent, runningEvent } from '../../../../test/kit/servers/events.ts'
import { as, atOnce, newUserId } from '../../../../test/kit/servers/event-service.ts'
import { sharedEventService } from '../../../../test/kit/servers/shared-event-service.ts'

t.test('listEventAudit', async t => {
  const { call, db } = await sharedEventService()
  const admin = as('ADMIN')
  const operatorId = newUserId()
  const operator = as('OPERATOR', operatorId)
  const audit = async (query = '') => (await call('GET', `/v1/audit/events${query}`, { token: admin })).body

  t.test('200: the audit shows every action of an operator and what it changed', async t => {
    const { body: event } = await call('POST', '/v1/events', {
      token: operator,
      body: runningEvent(null, { grantMode: 'REVIEW' })
    })
    const { body: reward } = await call('POST', `/v1/events/${event.id}/rewards`, {
      token: operator,
      body: { type: 'POINT', name: '5', amount: 5 }
    })
    const patch = await call('PATCH', `/v1/events/${event.id}`, {
      token: operator,
      body: { status: 'ACTIVE', name: 'Now' }
    })
    const { body: claim } = await call('POST', `/v1/events/${event.id}/claims`, { token: as('USER') })
    await call('POST', `/v1/claims/${claim.id}/reject`, { token: operator, body: { reason: 'a bot' } })

    const { data } = await audit()
    t.match(data, [
      {
        action: 'rejectClaim',
        targetType: 'CLAIM',
        targetId: claim.id,
        before: { status: 'PENDING' },
        after: { status: 'REJECTED' },
        note: 'a bot'
      },
      {
        action: 'updateEvent',
        targetType: 'EVENT',
        targetId: event.id,
        before: { status: 'INACTIVE', name: 'An event' },
        after: { status: 'ACTIVE', name: 'Now' },
        requestId: patch.headers.get('x-request-id')
      },
      { action: 'addReward', targetType: 'REWARD', targetId: reward.id, after: { eventId: event.id, amount: 5 } },
      {
        action: 'createEvent',
        targetType: 'EVENT',
        targetId: event.id,
        after: { name: 'An event', grantMode: 'REVIEW' },
        actorId: operatorId,
        role: 'OPERATOR'
      }
    ])
    t.same(Object.keys(data[1].after).sort(), ['name', 'status'], 'only the changed fields')
  })

  t.test('200: an unchanged value, a refusal and a replay leave no audit entry', async t => {
    const eventId = await activeEvent(call, operator)
    const rows = async () => await db.collection('audits').countDocuments()
    const before = await rows()
    await call('PATCH', `/v1/events/${eventId}`, { token: operator, body: { status: 'ACTIVE' } })
    await call('PATCH', `/v1/events/${eventId}`, { token: operator, body: { timeZone: 'Asia/Seoul' } })
    await call('POST', `/v1/events/${eventId}/rewards`, {
      token: operator,
      body: { type: 'POINT', name: '5', amount: 5 }
    })
    t.equal(await rows(), before)
    await atOnce(
      5,
      async () =>
        await call('POST', '/v1/events', {
          token: operator,
          body: runningEvent(),
          headers: { 'idempotency-key': 'once' }
        })
    )
    t.equal(await rows(), before + 1)
  })

  t.test('200: pages show the newest entries first', async t => {
    const first = await audit('?limit=2')
    const second = await audit(`?limit=2&cursor=${String(first.nextCursor)}`)
    t.equal(new Set([...first.data, ...second.data].map(({ id }) => id)).size, 4)
  })
})
