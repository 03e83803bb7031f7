import t from 'tap'
import { activeEvent, runningEvent } from '../../../../test/kit/servers/events.ts'
import { as } from '../../../../test/kit/servers/event-service.ts'
import { sharedEventService } from '../../../../test/kit/servers/shared-event-service.ts'

const { call } = await sharedEventService()
const operator = as('OPERATOR')
const points = { type: 'POINT', name: 'Points', amount: 5 }

async function createEvent (rewards: readonly object[], isActive: boolean) {
  const eventId = isActive
    ? await activeEvent(call, operator, null, rewards)
    : ((await call('POST', '/v1/events', { token: operator, body: runningEvent() })).body.id as string)
  if (!isActive) {
    for (const body of rewards) await call('POST', `/v1/events/${eventId}/rewards`, { token: operator, body })
  }
  const { data } = (await call('GET', `/v1/events/${eventId}/rewards`, { token: operator })).body
  return {
    eventId,
    patch: async (body: object, index = 0) =>
      await call('PATCH', `/v1/events/${eventId}/rewards/${data[index].id as string}`, { token: operator, body })
  }
}

t.test('200: before the first activation, stock can be raised, lowered and removed', async t => {
  const { patch, eventId } = await createEvent([{ ...points, stock: 5 }, points], false)
  for (const stock of [9, 2, 0, null, 4]) t.hasStrict(await patch({ stock }), { status: 200, body: { stock } })
  t.hasStrict(await patch({ name: 'Many points' }, 1), { status: 200, body: { name: 'Many points', stock: null } })
  const { body } = await call('GET', `/v1/events/${eventId}`, { token: operator })
  t.hasStrict(body.rewards, [{ name: 'Points', stock: 4 }, { name: 'Many points' }])
  t.equal(body.version, 9, 'each change increments the version')
  await patch({ stock: 4, name: 'Points' })
  t.equal(
    (await call('GET', `/v1/events/${eventId}`, { token: operator })).body.version,
    9,
    'repeating a value does not'
  )
})

t.test('409 EVENT_FROZEN: once the event has been ACTIVE, stock can only be raised and null stays null', async t => {
  const { patch } = await createEvent([{ ...points, stock: 5 }, points], true)
  t.hasStrict(await patch({ stock: 6, name: 'Six' }), { status: 200, body: { stock: 6, name: 'Six' } })
  for (const stock of [5, 0, null]) t.hasStrict(await patch({ stock }), { status: 409, body: { code: 'EVENT_FROZEN' } })
  t.hasStrict(await patch({ stock: 10 }, 1), { status: 409, body: { code: 'EVENT_FROZEN' } })
  t.hasStrict(await patch({ stock: null, name: 'Without end' }, 1), { status: 200 })
})

t.test('400: the stock of a COUPON cannot be set', async t => {
  const { patch } = await createEvent([{ type: 'COUPON', name: 'A code' }], false)
  t.hasStrict(await patch({ stock: 5 }), { status: 400, body: { errors: [{ pointer: '/stock' }] } })
  t.hasStrict(await patch({ stock: 0, name: 'A better code' }), { status: 200, body: { name: 'A better code' } })
})

t.test('400: an invalid patch; 404: a missing reward or event', async t => {
  const { patch, eventId } = await createEvent([points], false)
  for (const body of [{}, { stock: -1 }, { stock: '5' }, { name: ' ' }, { amount: 5 }]) {
    t.equal((await patch(body)).status, 400, JSON.stringify(body))
  }
  t.hasStrict(await call('PATCH', `/v1/events/${eventId}/rewards/nothing`, { token: operator, body: { stock: 1 } }), {
    status: 404,
    body: { code: 'REWARD_NOT_FOUND' }
  })
  t.hasStrict(await call('PATCH', '/v1/events/nothing/rewards/nothing', { token: operator, body: { stock: 1 } }), {
    status: 404,
    body: { code: 'EVENT_NOT_FOUND' }
  })
})

t.test('the audit shows who changed what', async t => {
  const { patch } = await createEvent([{ ...points, stock: 5 }], true)
  await patch({ stock: 8 })
  const { body } = await call('GET', '/v1/audit/events?limit=1', { token: as('ADMIN') })
  t.hasStrict(body.data, [{ action: 'updateReward', targetType: 'REWARD', before: { stock: 5 }, after: { stock: 8 } }])
})
