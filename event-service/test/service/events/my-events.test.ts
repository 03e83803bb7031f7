import t from 'tap'
import { activeEvent, changedEvent, runningEvent } from '../../../../test/kit/servers/events.ts'
import { as, newUserId, startEventService } from '../../../../test/kit/servers/event-service.ts'
import { sharedEventService } from '../../../../test/kit/servers/shared-event-service.ts'

t.test('200: listMyEvents shows the events that can be claimed, with progress and claim', async t => {
  const { call, db, did } = await startEventService(t)
  const operator = as('OPERATOR')
  const userId = newUserId()
  const token = as('USER', userId)
  const open = await activeEvent(call, operator)
  const daily = await activeEvent(
    call,
    operator,
    { aggregation: 'count', activity: 'quest.cleared', target: 2 },
    undefined,
    { claimPeriod: 'DAY' }
  )
  const past = { startsAt: new Date('2020-01-01T00:00:00Z'), endsAt: new Date('2021-01-01T00:00:00Z') }
  const ended = await changedEvent(call, db, operator, past)
  const claimable = await activeEvent(call, operator, null, undefined, {
    startsAt: '2020-01-01T00:00:00Z', endsAt: '2021-01-01T00:00:00Z', claimUntil: '2099-01-01T00:00:00Z'
  })
  const over = await changedEvent(call, db, operator, { ...past, claimUntil: new Date('2022-01-01T00:00:00Z') })
  const scheduled = await activeEvent(call, operator, null, undefined, {
    startsAt: '2098-01-01T00:00:00Z', endsAt: '2099-01-01T00:00:00Z'
  })
  const { body: inactive } = await call('POST', '/v1/events', { token: operator, body: runningEvent() })
  await did(userId, 'quest.cleared')
  const { body: claim } = await call('POST', `/v1/events/${open}/claims`, { token })

  const { status, body } = await call('GET', '/v1/users/me/events?order=asc', { token })
  t.equal(status, 200)
  t.same(body.data.map((entry: { event: { id: string } }) => entry.event.id), [open, daily, claimable])
  t.notOk([ended, over, scheduled, inactive.id].some(id => JSON.stringify(body).includes(id)))
  t.match(body.data[0], {
    eligible: false,
    code: 'ALREADY_CLAIMED',
    period: 'EVENT',
    progress: null,
    claim: { id: claim.id, status: 'GRANTED' }
  })
  t.match(body.data[1], {
    eligible: false,
    code: 'CONDITIONS_NOT_MET',
    period: /^\d{4}-\d\d-\d\d$/,
    progress: { current: 1, target: 2 }
  })
  t.notOk('claim' in body.data[1])

  await t.test('200: pages are consecutive, even for a user without activities', async t => {
    const nobody = as('USER')
    const first = await call('GET', '/v1/users/me/events?limit=1', { token: nobody })
    t.match(first.body.data, [{ event: { id: claimable, phase: 'ENDED' }, eligible: true }])
    const second = await call('GET', `/v1/users/me/events?limit=1&cursor=${String(first.body.nextCursor)}`, {
      token: nobody
    })
    t.match(second.body.data, [{ event: { id: daily }, progress: { current: 0 } }])
    const third = await call('GET', `/v1/users/me/events?limit=1&cursor=${String(second.body.nextCursor)}`, {
      token: nobody
    })
    t.match(third.body, { data: [{ event: { id: open }, eligible: true }], nextCursor: null })
  })
})

t.test('409 ALREADY_CLAIMED: a daily event can be claimed once per day; 201: and again on the next day', async t => {
  const { call, db } = await sharedEventService()
  const eventId = await activeEvent(call, as('OPERATOR'), null, undefined, { claimPeriod: 'DAY' })
  const userId = newUserId()
  const token = as('USER', userId)
  const first = await call('POST', `/v1/events/${eventId}/claims`, { token })
  t.match(first, { status: 201, body: { period: /^\d{4}-\d\d-\d\d$/ } })
  t.match(await call('POST', `/v1/events/${eventId}/claims`, { token }), {
    status: 409,
    body: { code: 'ALREADY_CLAIMED' }
  })

  // Move the claim to an earlier day.
  const row = await db.collection<{ _id: string }>('claims').findOneAndDelete({ _id: first.body.id })
  await db
    .collection<{ _id: string }>('claims')
    .insertOne({ ...row, _id: `${eventId}_${userId}_2020-01-01`, period: '2020-01-01' } as never)
  t.match(await call('POST', `/v1/events/${eventId}/claims`, { token }), { status: 201 })
  t.match((await call('GET', '/v1/users/me/wallet', { token })).body, { points: 1000 })
})
