import t from 'tap'
import { activeEvent, changedEvent, startedEvent } from '../../../../test/kit/servers/events.ts'
import { as, newUserId, startEventService, type Row } from '../../../../test/kit/servers/event-service.ts'
import { eventually } from '../../../../test/kit/run/eventually.ts'
import { allowReceivers, startReceiver } from '../../../../test/kit/stand-ins/receiver.ts'

// Two servers share the work.
const { call, server, db } = await startEventService(t, allowReceivers, 2)
const [admin, operator] = [as('ADMIN'), as('OPERATOR')]
const claimTypes = ['claim.granted', 'claim.pending', 'claim.rejected', 'claim.revoked']

async function claim (eventId: string, userId = newUserId()): Promise<string> {
  return (await call('POST', `/v1/events/${eventId}/claims`, { token: as('USER', userId) })).body.id
}

t.test('a grant is announced with its rewards and without its coupon code', async t => {
  const receiver = await startReceiver(t, call, admin, claimTypes)
  const eventId = await activeEvent(call, operator, null, [{ type: 'COUPON', name: 'A code' }])
  const path = `/v1/events/${eventId}/rewards`
  const [{ id: rewardId }] = (await call('GET', path, { token: operator })).body.data
  const codesPath = `${path}/${rewardId as string}/codes`
  await call('POST', codesPath, { token: operator, body: { codes: ['TOP-SECRET'] } })
  const userId = newUserId()
  const claimId = await claim(eventId, userId)
  await eventually(async () => receiver.arrivals.length === 1)
  const rewards = [{ rewardId, type: 'COUPON', name: 'A code', amount: 1 }]
  const data = { claimId, eventId, userId, period: 'EVENT', status: 'GRANTED', rewards }
  t.match(receiver.received(), [{ type: 'claim.granted', data }])
  t.notMatch(receiver.arrivals[0]?.body, /TOP-SECRET/)
  t.equal(await db.collection('deliveries').countDocuments({ body: /TOP-SECRET/ }), 0)
  const row = await db.collection<Row>('claims').findOne({ _id: claimId })
  t.hasStrict(row, { outbox: undefined, outboxSince: undefined }, 'the outbox is empty')
})

t.test('the messages about a claim arrive in the order of its changes', async t => {
  const receiver = await startReceiver(t, call, admin, claimTypes)
  const eventId = await activeEvent(call, operator, null, undefined, { grantMode: 'REVIEW' })
  const claimIds = await Promise.all(Array.from({ length: 20 }, async () => await claim(eventId)))
  async function change (claimId: string, index: number): Promise<number[]> {
    const path = `/v1/claims/${claimId}`
    if (index % 4 === 0) {
      return [(await call('POST', `${path}/reject`, { token: operator, body: { reason: 'No' } })).status]
    }
    return [
      (await call('POST', `${path}/approve`, { token: operator })).status,
      (await call('POST', `${path}/revoke`, { token: admin, body: { reason: 'Wrong' } })).status
    ]
  }
  const statuses: number[][] = []
  // Four at once: a busy machine may answer more of them with 503.
  for (let from = 0; from < claimIds.length; from += 4) {
    statuses.push(...await Promise.all(claimIds.slice(from, from + 4).map(change)))
  }
  t.ok(statuses.flat().every(status => status === 200), String(statuses))
  const ids = () => new Set(receiver.arrivals.map(({ headers }) => headers['webhook-id']))
  await eventually(async () => ids().size === 15 * 3 + 5 * 2)
  const messages = receiver.received()
  for (const [index, claimId] of claimIds.entries()) {
    const own = messages.filter(({ data }) => data.claimId === claimId)
    t.strictSame(own.map(({ type, data }) => [type, data.status]), index % 4 === 0
      ? [['claim.pending', 'PENDING'], ['claim.rejected', 'REJECTED']]
      : [['claim.pending', 'PENDING'], ['claim.granted', 'GRANTED'], ['claim.revoked', 'REVOKED']])
  }
  t.equal(messages.length, ids().size, 'each of them once')
  t.notMatch(JSON.stringify(messages), /Wrong/, 'a reason stays inside')
})

t.test('a claim that was first refused is announced when it is granted', async t => {
  const receiver = await startReceiver(t, call, admin, claimTypes)
  const { body: { id } } = await call('POST', '/v1/events', { token: operator, body: startedEvent() })
  await call('PATCH', `/v1/events/${id as string}`, { token: operator, body: { status: 'INACTIVE' } })
  const userId = newUserId()
  t.match(await call('POST', `/v1/events/${id as string}/claims`, { token: as('USER', userId) }), { status: 409 })
  await call('PATCH', `/v1/events/${id as string}`, { token: operator, body: { status: 'ACTIVE' } })
  const claimId = await claim(id, userId)
  await eventually(async () => receiver.arrivals.length > 0)
  t.match(receiver.received(), [{ type: 'claim.granted', data: { claimId } }])
})

t.test('the end of an event is announced once', async t => {
  const old = await changedEvent(call, db, operator, { endsAt: new Date(Date.now() - 60_000) })
  const receiver = await startReceiver(t, call, admin, ['event.ended'])
  const eventId = await changedEvent(call, db, operator, { endsAt: new Date() })
  await eventually(async () => receiver.arrivals.length > 0)
  const endsAt = new Date(Date.now() + 1000)
  await db.collection<Row>('events').updateOne({ _id: eventId }, { $set: { endsAt } })
  await eventually(async () => receiver.arrivals.length > 1)
  const messages = receiver.received()
  t.match(messages, [{ type: 'event.ended', data: { eventId } }, { data: { eventId, endsAt: endsAt.toISOString() } }])
  t.notMatch(messages, [{ data: { eventId: old } }], 'no event that ended before the webhook was created')
})

t.test('a reward is announced once when 10% of its stock is left, and once when nothing is left', async t => {
  const receiver = await startReceiver(t, call, admin, ['reward.low', 'reward.sold_out'])
  const rewards = [
    { type: 'ITEM', itemId: 'hat', name: 'A hat', amount: 1, stock: 20 },
    { type: 'POINT', name: '5 points', amount: 5, stock: 1000 },
    { type: 'POINT', name: '1 point', amount: 1 }
  ]
  const eventId = await activeEvent(call, operator, null, rewards)
  const [{ id: rewardId }] = (await call('GET', `/v1/events/${eventId}/rewards`, { token: operator })).body.data
  // Rewards of other events may be low when the webhook is created.
  const own = () => receiver.received().filter(({ data }) => data.eventId === eventId)
  const claimSome = async (count: number) => await Promise.all(Array.from({ length: count }, async (_, turn) =>
    await server(turn)('POST', `/v1/events/${eventId}/claims`, { token: as('USER') })))
  await claimSome(18)
  await eventually(async () => own().length === 1)
  await claimSome(5)
  await eventually(async () => own().length === 2)
  // A second time after the stock was raised.
  await call('PATCH', `/v1/events/${eventId}/rewards/${rewardId as string}`, { token: operator, body: { stock: 40 } })
  await claimSome(18)
  await eventually(async () => own().length === 3)
  await claimSome(3)
  await eventually(async () => own().length === 4)
  t.strictSame(own().map(({ type, data }) => [type, data]), [
    ['reward.low', { eventId, rewardId, stock: 20, left: 2 }],
    ['reward.sold_out', { eventId, rewardId, stock: 20, left: 0 }],
    ['reward.low', { eventId, rewardId, stock: 40, left: 2 }],
    ['reward.sold_out', { eventId, rewardId, stock: 40, left: 0 }]
  ])
})

t.test('a stock per period is announced with its period', async t => {
  const receiver = await startReceiver(t, call, admin, ['reward.sold_out'])
  const rewards = [{ type: 'ITEM', itemId: 'hat', name: 'A hat', amount: 1, stock: 1 }]
  const eventId = await activeEvent(call, operator, null, rewards, { claimPeriod: 'DAY', stockPer: 'PERIOD' })
  const own = () => receiver.received().filter(({ data }) => data.eventId === eventId)
  const claimId = await claim(eventId)
  await eventually(async () => own().length === 1)
  t.match(own(), [{ type: 'reward.sold_out', data: { stock: 1, left: 0, period: claimId.split('_').at(-1) } }])
})

t.test('a damaged document does not prevent other documents from being announced', async t => {
  const receiver = await startReceiver(t, call, admin, ['claim.granted'])
  const outbox = [{ type: 'claim.granted', at: new Date(0) }]
  const complete = { eventId: 'e', userId: 'u', period: 'EVENT', status: 'GRANTED', rewards: [] }
  for (const damaged of [{ eventId: 'e' }, { ...complete, userId: null }, { ...complete, rewards: [null] }]) {
    const _id = `damaged ${JSON.stringify(damaged)}`
    await db.collection<Row>('claims').insertOne({ _id, ...damaged, outbox, outboxSince: new Date(0) })
  }
  // Documents whose outbox entries are missing.
  for (const name of ['claims', 'events', 'stock']) {
    await db.collection<Row>(name).insertOne({ _id: 'empty', eventId: 'e', outboxSince: new Date(0) })
  }
  const claimId = await claim(await activeEvent(call, operator))
  await eventually(async () => receiver.arrivals.length === 1)
  t.match(receiver.received(), [{ data: { claimId } }])
  for (const name of ['claims', 'events', 'stock']) {
    await eventually(async () => await db.collection(name).countDocuments({ outboxSince: { $exists: true } }) === 0)
  }
  t.match(receiver.received(), [{ data: { claimId } }], 'and there are no messages about them')
})
