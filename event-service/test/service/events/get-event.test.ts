import t from 'tap'
import { activeEvent, runningEvent } from '../../../../test/kit/servers/events.ts'
import { as, type Row } from '../../../../test/kit/servers/event-service.ts'
import { sharedEventService } from '../../../../test/kit/servers/shared-event-service.ts'

const { call, db } = await sharedEventService()
const operator = as('OPERATOR')
const point = { type: 'POINT', name: 'Points', amount: 5 }
const [user, auditor, admin] = [as('USER'), as('AUDITOR'), as('ADMIN')]

t.test('200: an event is shown with its rewards, the instant of their counts, and its ETag', async t => {
  const eventId = await activeEvent(call, operator, null, [
    { type: 'POINT', name: 'Points', amount: 5 },
    { type: 'ITEM', name: 'A sword', itemId: 'sword', amount: 1 }
  ])
  const asked = new Date()
  const { status, headers, body } = await call('GET', `/v1/events/${eventId}`, { token: user })
  t.equal(status, 200)
  t.hasStrict(body, { id: eventId, status: 'ACTIVE', phase: 'RUNNING', version: 1 })
  t.equal(headers.get('etag'), '"1"')
  const [points, sword] = body.rewards
  t.strictSame(body.rewards, [
    {
      id: points.id,
      eventId,
      type: 'POINT',
      name: 'Points',
      amount: 5,
      attributes: {},
      stock: null,
      granted: 0,
      held: 0,
      remaining: null,
      asOf: points.asOf
    },
    {
      id: sword.id,
      eventId,
      type: 'ITEM',
      name: 'A sword',
      itemId: 'sword',
      amount: 1,
      attributes: {},
      stock: null,
      granted: 0,
      held: 0,
      remaining: null,
      asOf: points.asOf
    }
  ])
  t.ok(Math.abs(new Date(points.asOf).getTime() - asked.getTime()) < 5000)
})

t.test('200: granted is the number of grants, at most 5 s old', async t => {
  const eventId = await activeEvent(call, operator)
  for (let claims = 0; claims < 3; claims++) await call('POST', `/v1/events/${eventId}/claims`, { token: as('USER') })
  const claimedAt = new Date()
  let reward
  do {
    [reward] = (await call('GET', `/v1/events/${eventId}`, { token: user })).body.rewards
  } while (new Date(reward.asOf) < claimedAt)
  t.hasStrict(reward, { granted: 3, held: 0, remaining: null })
})

t.test('404: a USER does not see an event that is not ACTIVE; other roles do', async t => {
  const body = (await call('POST', '/v1/events', { token: operator, body: runningEvent(null, { rewards: [point] }) }))
    .body
  const path = `/v1/events/${body.id as string}`
  for (const token of [operator, auditor, admin]) {
    t.hasStrict(await call('GET', path, { token }), { status: 200, body: { status: 'INACTIVE' } })
  }
  t.hasStrict(await call('GET', path, { token: user }), { status: 404, body: { code: 'EVENT_NOT_FOUND' } })
  await call('PATCH', path, { token: operator, body: { status: 'ACTIVE' } })
  t.equal((await call('GET', path, { token: user })).status, 200)
  await call('PATCH', path, { token: operator, body: { status: 'INACTIVE' } })
  t.hasStrict(
    await call('GET', path, { token: user }),
    { status: 404, body: { code: 'EVENT_NOT_FOUND' } },
    'after the deactivation'
  )
})

t.test('404: an id that does not exist or cannot exist', async t => {
  for (const id of ['6745f0a1b2c3d4e5f6a7b8c9', 'me', 'a.b', '-', 'x'.repeat(128), 'x'.repeat(129)]) {
    for (const [method, rest, body] of [
      ['GET', ''],
      ['PATCH', '', { name: 'x' }],
      ['GET', '/rewards'],
      ['GET', '/rewards/some'],
      ['POST', '/rewards', { type: 'POINT', name: 'x', amount: 1 }]
    ] as const) {
      const answer = await call(method, `/v1/events/${id}${rest}`, {
        token: admin,
        ...(body === undefined ? {} : { body })
      })
      t.hasStrict(answer, { status: 404, body: { code: 'EVENT_NOT_FOUND' } }, `${method} ${id}${rest}`)
    }
  }
})

t.test('200: an event that was stored without the later properties has their defaults', async t => {
  const eventId = await activeEvent(call, operator)
  const later = { dayStartsAt: '00:00', weekStartsOn: 'MONDAY', stockPer: 'EVENT', group: null, position: 0 }
  const $unset = Object.fromEntries(Object.keys(later).map(name => [name, '']))
  await db.collection<Row>('events').updateOne({ _id: eventId }, { $unset })
  t.match(await call('GET', `/v1/events/${eventId}`, { token: operator }), { status: 200, body: later })
})
