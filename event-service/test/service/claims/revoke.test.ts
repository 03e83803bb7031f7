import t from 'tap'
import { activeEvent } from '../../../../test/kit/servers/events.ts'
import { as, atOnce, countByStatus, newUserId, type Row } from '../../../../test/kit/servers/event-service.ts'
import { sharedEventService } from '../../../../test/kit/servers/shared-event-service.ts'

const { call, server, db } = await sharedEventService()
const operator = as('OPERATOR')
const adminId = newUserId()
const admin = as('ADMIN', adminId)
const points = { type: 'POINT', name: '500 points', amount: 500 }

async function claim (eventId: string, userId = newUserId()) {
  const token = as('USER', userId)
  const { body } = await call('POST', `/v1/events/${eventId}/claims`, { token })
  return { userId, token, id: body.id as string, body }
}
const revoke = async (claimId: string, body: unknown = { reason: 'refunded' }, turn = 0, token = admin) =>
  await server(turn)('POST', `/v1/claims/${claimId}/revoke`, { token, body })
const revokeMany = async (body: unknown) => await call('POST', '/v1/claims/revoke', { token: admin, body })

t.test('200 REVOKED: wallets no longer include it, and the user sees the reason but not the ADMIN', async t => {
  const eventId = await activeEvent(call, operator, null, [points])
  const { id, token, userId, body: { grantedAt } } = await claim(eventId)
  t.match((await call('GET', '/v1/users/me/wallet', { token })).body, { points: 500 })

  const { status, body } = await revoke(id)
  t.equal(status, 200)
  t.match(body, {
    status: 'REVOKED',
    grantedAt,
    history: [{ to: 'GRANTED' }, { from: 'GRANTED', to: 'REVOKED', by: adminId, role: 'ADMIN', note: 'refunded' }]
  })
  t.match((await call('GET', '/v1/users/me/wallet', { token })).body, { points: 0 })
  t.match((await call('GET', `/v1/users/${userId}/wallet`, { token: operator })).body, { points: 0 })
  const mine = (await call('GET', `/v1/claims/${id}`, { token })).body
  t.match(mine, { status: 'REVOKED', history: [{}, { to: 'REVOKED', note: 'refunded' }] })
  t.notOk(JSON.stringify(mine).includes(adminId))
  t.match(await call('POST', `/v1/events/${eventId}/claims`, { token }), {
    status: 409,
    body: { code: 'CLAIM_REVOKED' }
  })
  t.match((await call('GET', `/v1/events/${eventId}/progress`, { token })).body, {
    eligible: false,
    code: 'CLAIM_REVOKED'
  })
  const row = await db.collection<Row>('claims').findOne({ _id: id })
  t.equal(row?.['revokedAt'].toISOString(), body.history[1].at, 'revokedAt is the instant of the revocation')
  t.match(await db.collection('audits').find({ targetId: id }).toArray(), [
    {
      action: 'revokeClaim',
      actorId: adminId,
      before: { status: 'GRANTED' },
      after: { status: 'REVOKED' },
      note: 'refunded'
    }
  ])
})

t.test('200: the unit of a revoked grant is not granted again', async t => {
  const eventId = await activeEvent(call, operator, null, [{ ...points, stock: 1 }])
  const { id } = await claim(eventId)
  t.equal((await revoke(id)).status, 200)
  t.match((await claim(eventId)).body, { code: 'OUT_OF_STOCK' })
})

t.test('200: the coupon of a revoked grant is listed as revoked', async t => {
  const eventId = await activeEvent(call, operator, null, [{ type: 'COUPON', name: 'Coffee' }])
  const { body: { data: [{ id: rewardId }] } } = await call('GET', `/v1/events/${eventId}/rewards`, { token: operator })
  const path = `/v1/events/${eventId}/rewards/${rewardId as string}/codes`
  await call('POST', path, { token: operator, body: { codes: ['COFFEE-1'] } })
  const { id, token } = await claim(eventId)
  const coupons = async () => (await call('GET', '/v1/users/me/coupons', { token })).body.data
  t.match(await coupons(), [{ couponCode: 'COFFEE-1', revoked: false }])
  t.match((await revoke(id)).body, { rewards: [{ couponCode: 'COFFEE-1' }] })
  t.match(await coupons(), [{ couponCode: 'COFFEE-1', revoked: true }])
})

t.test('409 NOT_GRANTED: eight concurrent revocations result in one, with one audit entry', async t => {
  const eventId = await activeEvent(call, operator)
  for (let round = 0; round < 3; round++) {
    const { id } = await claim(eventId)
    const answers = await atOnce(8, async turn => await revoke(id, undefined, turn))
    t.same(countByStatus(answers), { 200: 1, 409: 7 })
    t.match(answers.filter(({ status }) => status === 409).map(({ body }) => body), Array(7).fill({
      code: 'NOT_GRANTED', claim: { status: 'REVOKED', history: { length: 2 } }
    }))
    t.equal(await db.collection('audits').countDocuments({ targetId: id }), 1)
  }
})

t.test('409 NOT_GRANTED: only a grant can be revoked', async t => {
  const reviewed = await activeEvent(call, operator, null, undefined, { grantMode: 'REVIEW' })
  const { id } = await claim(reviewed)
  t.match(await revoke(id), { status: 409, body: { code: 'NOT_GRANTED', claim: { status: 'PENDING' } } })
  t.match(await revoke(`${reviewed}_nobody_EVENT`), { status: 404, body: { code: 'CLAIM_NOT_FOUND' } })
  t.equal(await db.collection('audits').countDocuments({ targetId: id }), 0)
})

t.test('400: a revocation needs a reason', async t => {
  const { id } = await claim(await activeEvent(call, operator))
  for (const body of [undefined, {}, { reason: ' ' }, { reason: 'x', note: 'y' }, { reason: 'x'.repeat(1001) }]) {
    t.match(await revoke(id, body ?? {}), { status: 400, body: { code: 'VALIDATION_FAILED' } })
  }
  for (const body of [
    { claimIds: [id] }, { claimIds: [], reason: 'x' }, { claimIds: id, reason: 'x' },
    { claimIds: Array(101).fill(id), reason: 'x' }
  ]) t.match(await revokeMany(body), { status: 400, body: { code: 'VALIDATION_FAILED' } })
  t.match((await call('GET', `/v1/claims/${id}`, { token: operator })).body, { status: 'GRANTED' })
})

t.test('200: revokeClaims revokes each grant separately, in the order of the request', async t => {
  const eventId = await activeEvent(call, operator)
  const reviewed = await activeEvent(call, operator, null, undefined, { grantMode: 'REVIEW' })
  const [a, b, pending] = [await claim(eventId), await claim(eventId), await claim(reviewed)]
  const claimIds = [a.id, pending.id, `${eventId}_nobody_EVENT`, b.id, a.id]
  const { status, body } = await revokeMany({ claimIds, reason: 'the wrong reward' })
  t.equal(status, 200)
  t.match(body.results, [
    { claimId: a.id, ok: true, claim: { status: 'REVOKED', history: [{}, { note: 'the wrong reward' }] } },
    { claimId: pending.id, ok: false, code: 'NOT_GRANTED' },
    { claimId: `${eventId}_nobody_EVENT`, ok: false, code: 'CLAIM_NOT_FOUND' },
    { claimId: b.id, ok: true },
    { claimId: a.id, ok: false, code: 'NOT_GRANTED' }
  ])
})
