import t from 'tap'
import { activeEvent } from '../../../../test/kit/servers/events.ts'
import { as, newUserId } from '../../../../test/kit/servers/event-service.ts'
import { sharedEventService } from '../../../../test/kit/servers/shared-event-service.ts'

const { call, server } = await sharedEventService()
const operator = as('OPERATOR')
const admin = as('ADMIN')
const shop = as('SERVICE')

async function claim (eventId: string) {
  const token = as('USER', newUserId())
  const { body } = await call('POST', `/v1/events/${eventId}/claims`, { token })
  return { token, id: body.id as string, body }
}
const deliver = async (claimId: string, body: unknown, token = shop, turn = 0) =>
  await server(turn)('POST', `/v1/claims/${claimId}/delivery`, { token, body })

t.test('200: the last report counts, and everyone who sees the claim sees it', async t => {
  const { id, token, body } = await claim(await activeEvent(call, operator))
  t.same(body.delivery, { status: 'PENDING', at: null })
  const failed = await deliver(id, { status: 'FAILED', reference: 'ship-1' })
  t.match(failed, {
    status: 200,
    body: { status: 'GRANTED', delivery: { status: 'FAILED', at: String, reference: 'ship-1' } }
  })
  const delivered = await deliver(id, { status: 'DELIVERED' }, admin, 1)
  t.same(Object.keys(delivered.body.delivery), ['status', 'at'], 'the reference of the earlier report is gone')
  for (const viewer of [token, operator]) {
    const seen = (await call('GET', `/v1/claims/${id}`, { token: viewer })).body
    t.same(seen.delivery, delivered.body.delivery)
    t.equal(seen.history.length, 1, 'the status did not change')
  }
})

t.test('200: a revoked grant can be reported, and the revocation keeps the report', async t => {
  const { id } = await claim(await activeEvent(call, operator))
  await deliver(id, { status: 'DELIVERED', reference: 'ship-2' })
  const { body } = await call('POST', `/v1/claims/${id}/revoke`, { token: admin, body: { reason: 'refunded' } })
  t.match(body, { status: 'REVOKED', delivery: { status: 'DELIVERED', reference: 'ship-2' } })
  t.match(await deliver(id, { status: 'FAILED' }), {
    status: 200,
    body: { status: 'REVOKED', delivery: { status: 'FAILED' } }
  })
})

t.test('200: a machine client sees neither coupon codes nor who decided', async t => {
  const operatorId = newUserId()
  const eventId = await activeEvent(call, operator, null, [{ type: 'COUPON', name: 'Coffee' }], { grantMode: 'REVIEW' })
  const { body: { data: [{ id: rewardId }] } } = await call('GET', `/v1/events/${eventId}/rewards`, { token: operator })
  const path = `/v1/events/${eventId}/rewards/${rewardId as string}/codes`
  await call('POST', path, { token: operator, body: { codes: ['SECRET-1'] } })
  const { id } = await claim(eventId)
  await call('POST', `/v1/claims/${id}/approve`, { token: as('OPERATOR', operatorId), body: { note: 'a note' } })
  const text = JSON.stringify((await deliver(id, { status: 'DELIVERED' })).body)
  for (const hidden of ['SECRET-1', operatorId, 'a note']) t.notOk(text.includes(hidden), hidden)
})

t.test('409 NOT_GRANTED: a claim that is not granted cannot be delivered', async t => {
  const eventId = await activeEvent(call, operator, null, undefined, { grantMode: 'REVIEW' })
  const { id } = await claim(eventId)
  t.match(await deliver(id, { status: 'DELIVERED' }), {
    status: 409,
    body: { code: 'NOT_GRANTED', claim: { status: 'PENDING' } }
  })
  t.same((await call('GET', `/v1/claims/${id}`, { token: operator })).body.delivery, { status: 'PENDING', at: null })
  for (const unknown of [`${eventId}_nobody_EVENT`, 'nothing']) {
    t.match(await deliver(unknown, { status: 'DELIVERED' }), { status: 404, body: { code: 'CLAIM_NOT_FOUND' } })
  }
})

t.test('400: a status and at most a reference of 1 to 200 characters', async t => {
  const { id } = await claim(await activeEvent(call, operator))
  for (const body of [
    {}, { status: 'PENDING' }, { status: 'DELIVERED', reference: ' ' },
    { status: 'DELIVERED', reference: 'x'.repeat(201) },
    { status: 'DELIVERED', at: '2026-11-25T00:00:00Z' }
  ]) t.match(await deliver(id, body), { status: 400, body: { code: 'VALIDATION_FAILED' } })
})
