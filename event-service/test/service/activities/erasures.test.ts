import t from 'tap'
import { activeEvent } from '../../../../test/kit/servers/events.ts'
import { as, newUserId, serviceToken, type Row } from '../../../../test/kit/servers/event-service.ts'
import { sharedEventService } from '../../../../test/kit/servers/shared-event-service.ts'

const { call, db } = await sharedEventService()
const rows = (collection: string) => db.collection<Row>(collection)

async function erase (userId: unknown, token = serviceToken()) {
  return await call('POST', '/internal/erasures', { token, body: { userId } })
}

/** Stores all kinds of data about a user: an activity, a snapshot, a claim with notes, and audit entries. */
async function remember (userId: string): Promise<{ claimId: string }> {
  const claimId = `event-1_${userId}_EVENT`
  const at = new Date()
  await rows('activities').insertOne({ _id: `${userId}:game:1`, userId, type: 'quest.cleared', occurredAt: at })
  await rows('snapshots').insertOne({ _id: `${userId}_key`, userId, madeAt: at })
  const entry = { at, by: 'operator', role: 'OPERATOR', from: 'PENDING', to: 'GRANTED', requestId: 'r-1' }
  await rows('claims').insertOne({
    _id: claimId,
    userId,
    eventId: 'event-1',
    status: 'REVOKED',
    createdAt: at,
    delivery: { status: 'DELIVERED', at, reference: 'Canary: 5 Elm St' },
    history: [{ ...entry, note: 'Canary: a nice person' }, entry, { ...entry, note: 'Canary: not so nice' }]
  })
  await rows('audits').insertOne({
    _id: newUserId(), createdAt: at, action: 'approveClaim', targetType: 'CLAIM', targetId: claimId, note: 'Canary note'
  })
  return { claimId }
}

t.test('204: activities, snapshots and notes of an erased user are deleted, and the claim keeps the id', async t => {
  const [userId, other] = [newUserId(), newUserId()]
  // The id of another user with the same prefix.
  const alike = `${userId}_2`
  const { claimId } = await remember(userId)
  for (const id of [other, alike]) await remember(id)
  const before = await rows('claims').findOne({ _id: claimId })
  t.match(await erase(userId), { status: 204, body: '' })

  t.equal(await rows('activities').countDocuments({ userId }), 0)
  t.equal(await rows('snapshots').countDocuments({ userId }), 0)
  const history = before?.['history'].map(({ note, ...entry }: { note?: string }) => entry)
  const { reference, ...delivery } = before?.['delivery']
  t.strictSame(await rows('claims').findOne({ _id: claimId }), { ...before, delivery, history })
  t.match(await rows('audits').findOne({ targetId: claimId }), { action: 'approveClaim', note: undefined })
  for (const id of [other, alike]) {
    t.equal(await rows('activities').countDocuments({ userId: id }), 1)
    t.equal(await rows('snapshots').countDocuments({ userId: id }), 1)
    t.match(await rows('claims').findOne({ userId: id }), {
      delivery: { reference: String }, history: [{ note: String }, {}, { note: String }]
    })
    t.match(await rows('audits').findOne({ targetId: `event-1_${id}_EVENT` }), { note: 'Canary note' })
  }
})

t.test('204: the reasons of grants to the user alone are deleted, those of grants to several users stay', async t => {
  const operator = as('OPERATOR', newUserId())
  const eventId = await activeEvent(call, operator)
  const [userId, other] = [newUserId(), newUserId()]
  const grant = async (userIds: string[], reason: string): Promise<void> => {
    const body = { grants: userIds.map(userId => ({ userId })), condition: 'WAIVE', reason }
    t.equal((await call('POST', `/v1/events/${eventId}/grants`, { token: operator, body })).status, 200)
  }
  await grant([userId, userId], 'Canary called')
  await grant([userId], 'Canary called again, and the grant is refused')
  await grant([other], 'about another user')
  await grant([userId, other], 'an outage')
  t.equal((await erase(userId)).status, 204)
  const granted = { targetId: eventId, action: 'grantRewards' }
  const audited = await rows('audits').find(granted).sort({ createdAt: 1 }).toArray()
  t.strictSame(audited.map(({ after, note }) => [after, note]), [
    [{ grants: 2, condition: 'WAIVE', userId }, undefined],
    [{ grants: 1, condition: 'WAIVE', userId }, undefined],
    [{ grants: 1, condition: 'WAIVE', userId: other }, 'about another user'],
    [{ grants: 2, condition: 'WAIVE' }, 'an outage']
  ])
})

t.test('204: a malformed claim does not stop the erasure of the others', async t => {
  const userId = newUserId()
  const { claimId } = await remember(userId)
  const malformed = { _id: `event-0_${userId}_EVENT`, userId, createdAt: new Date(), history: 'malformed' }
  await rows('claims').insertOne(malformed)
  t.equal((await erase(userId)).status, 204)
  t.match(await rows('claims').findOne({ _id: claimId }), { history: [{ note: undefined }, {}, { note: undefined }] })
  t.match(await rows('audits').findOne({ targetId: claimId }), { note: undefined })
})

t.test('204: an erasure that is repeated, or of an unknown user', async t => {
  const userId = newUserId()
  for (let time = 0; time < 2; time++) t.equal((await erase(userId)).status, 204)
})

t.test('401: an erasure needs a service token, and 400: an id', async t => {
  for (const role of ['USER', 'ADMIN', 'SERVICE'] as const) {
    t.match(await erase(newUserId(), as(role)), { status: 401, body: { code: 'UNAUTHENTICATED' } }, role)
  }
  for (const userId of [undefined, '', 'no.id', 7]) t.equal((await erase(userId)).status, 400, String(userId))
})
