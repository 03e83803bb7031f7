import t from 'tap'
import type { Answer } from '../../../../test/kit/http/client.ts'
import { activeEvent, runningEvent } from '../../../../test/kit/servers/events.ts'
import { as, atOnce, countByStatus, newUserId, type Row } from '../../../../test/kit/servers/event-service.ts'
import { sharedEventService } from '../../../../test/kit/servers/shared-event-service.ts'

const { call, server, db } = await sharedEventService()
const operator = as('OPERATOR')
const coupon = { type: 'COUPON', name: 'A free coffee' }
const codes = (count: number, prefix = 'COFFEE') => Array.from({ length: count }, (_, index) => `${prefix}-${index}`)
const claim = async (eventId: string, userId = newUserId(), turn = 0): Promise<Answer> =>
  await server(turn)('POST', `/v1/events/${eventId}/claims`, { token: as('USER', userId) })

async function couponEvent (overrides: object = {}, rewards: readonly object[] = [coupon]) {
  const eventId = await activeEvent(call, operator, null, rewards, overrides)
  const { data } = (await call('GET', `/v1/events/${eventId}/rewards`, { token: operator })).body
  const path = (index = 0) => `/v1/events/${eventId}/rewards/${data[index].id as string}`
  return {
    eventId,
    path,
    add: async (sent: unknown, index = 0, turn = 0) =>
      await server(turn)('POST', `${path(index)}/codes`, { token: operator, body: { codes: sent } })
  }
}

t.test('200: added codes raise the stock, even while the event is ACTIVE; duplicates are counted', async t => {
  const { add, path, eventId } = await couponEvent()
  t.hasStrict(await claim(eventId), { status: 409, body: { code: 'OUT_OF_STOCK' } }, 'the pool is empty')
  t.hasStrict(await add(['a', 'b', 'a']), { status: 200, body: { added: 2, duplicates: 1 } })
  t.hasStrict(await add(['b', 'c']), { status: 200, body: { added: 1, duplicates: 1 } })
  t.hasStrict(await add(['b']), { status: 200, body: { added: 0, duplicates: 1 } })
  t.hasStrict((await call('GET', path(), { token: operator })).body, { stock: 3 })
  const numbers = await db.collection<Row>('couponCodes').find({ eventId }).toArray()
  t.strictSame(numbers.map(({ number }) => number).sort(), [0, 1, 2])
  t.equal((await claim(eventId)).status, 201)
})

t.test('200: ten thousand codes are added in one request', async t => {
  const { add, path } = await couponEvent()
  t.hasStrict(await add(codes(10_000)), { status: 200, body: { added: 10_000, duplicates: 0 } })
  t.hasStrict((await call('GET', path(), { token: operator })).body, { stock: 10_000 })
})

t.test('400, 404, 409: an invalid code, a missing reward, a reward that is not a COUPON', async t => {
  const { add, path, eventId } = await couponEvent({}, [coupon, { type: 'POINT', name: 'Points', amount: 1 }])
  for (const sent of [[], codes(10_001), ['a b'], [''], ['é'], ['x'.repeat(101)], [7], 'a', undefined]) {
    t.equal((await add(sent)).status, 400, JSON.stringify(sent)?.slice(0, 30))
  }
  t.hasStrict(await add(['a'], 1), { status: 409, body: { code: 'NOT_A_COUPON' } })
  t.hasStrict(
    await call('POST', `/v1/events/${eventId}/rewards/nothing/codes`, { token: operator, body: { codes: ['a'] } }),
    { status: 404, body: { code: 'REWARD_NOT_FOUND' } }
  )
  t.hasStrict(
    await call('POST', '/v1/events/nothing/rewards/nothing/codes', { token: operator, body: { codes: ['a'] } }),
    { status: 404, body: { code: 'EVENT_NOT_FOUND' } }
  )
  t.equal(await db.collection('couponCodes').countDocuments({ eventId }), 0)
  t.hasStrict((await call('GET', path(), { token: operator })).body, { stock: 0 })
})

t.test('201: every grant gets its own code from each pool, down to the last code of the smallest pool', async t => {
  const { add, eventId } = await couponEvent({}, [
    coupon,
    { ...coupon, name: 'A cake' },
    { type: 'POINT', name: 'Points', amount: 5 }
  ])
  await add(codes(60))
  await add(codes(50, 'CAKE'), 1)
  const answers = await atOnce(120, async index => await claim(eventId, newUserId(), index))
  t.strictSame(countByStatus(answers), { 201: 50, 409: 70 })
  const granted = answers.filter(({ status }) => status === 201).map(({ body }) => body.rewards)
  for (const [index, prefix] of [[0, 'COFFEE'], [1, 'CAKE']] as const) {
    const given = granted.map(rewards => rewards[index].couponCode)
    t.equal(new Set(given).size, 50)
    t.ok(given.every(code => code.startsWith(prefix)))
  }
  t.notOk('couponCode' in granted[0][2])
})

t.test('200: codes that are added concurrently are numbered without gaps', async t => {
  const { add, path, eventId } = await couponEvent()
  const answers = await atOnce(8, async index => await add(codes(300, `P${index % 4}`), 0, index))
  t.strictSame(countByStatus(answers), { 200: 8 })
  t.equal(answers.reduce((sum, { body }) => sum + body.added, 0), 1200)
  const numbers = (await db.collection<Row>('couponCodes').find({ eventId }).sort({ number: 1 }).toArray()).map(
    ({ number }) => number
  )
  t.strictSame(numbers, Array.from({ length: 1200 }, (_, index) => index))
  t.hasStrict((await call('GET', path(), { token: operator })).body, { stock: 1200 })
})

t.test('a granted code is shown to its owner, OPERATOR and ADMIN, and never to an AUDITOR', async t => {
  const { add, eventId } = await couponEvent({ grantMode: 'REVIEW' })
  await add(['SECRET-1'])
  const userId = newUserId()
  const { body } = await claim(eventId, userId)
  const codeSeenBy = async (token: string) =>
    (await call('GET', `/v1/claims/${body.id as string}`, { token })).body.rewards[0].couponCode
  for (const token of [as('USER', userId), operator, as('ADMIN'), as('AUDITOR')]) {
    t.equal(await codeSeenBy(token), undefined, 'the claim is pending')
  }
  t.equal(body.rewards[0].couponCode, undefined)
  t.strictSame((await call('GET', '/v1/users/me/coupons', { token: as('USER', userId) })).body, {
    data: [],
    nextCursor: null
  })
  t.hasStrict(await call('POST', `/v1/claims/${body.id as string}/approve`, { token: operator, body: {} }), {
    body: { rewards: [{ couponCode: 'SECRET-1' }] }
  })
  for (const token of [as('USER', userId), operator, as('ADMIN')]) t.equal(await codeSeenBy(token), 'SECRET-1')
  t.equal(await codeSeenBy(as('AUDITOR')), undefined)
  t.notMatch(JSON.stringify((await call('GET', '/v1/claims?limit=100', { token: as('AUDITOR') })).body), 'SECRET-1')
  t.notMatch(JSON.stringify((await call('GET', '/v1/audit/events?limit=100', { token: as('ADMIN') })).body), 'SECRET-1')
  t.hasStrict((await call('GET', '/v1/users/me/coupons', { token: as('USER', userId) })).body.data, [
    { claimId: body.id, eventId, name: 'A free coffee', couponCode: 'SECRET-1', revoked: false }
  ])
})

t.test('the code of a rejected claim is removed from it and granted to another user', async t => {
  const { add, eventId } = await couponEvent({ grantMode: 'REVIEW' })
  await add(['ONLY-ONE'])
  const { body: first } = await claim(eventId)
  await call('POST', `/v1/claims/${first.id as string}/reject`, { token: operator, body: { reason: 'No' } })
  t.notMatch(JSON.stringify(await db.collection<Row>('claims').findOne({ _id: first.id })), 'ONLY-ONE')
  const { body: second } = await claim(eventId)
  t.hasStrict(await call('POST', `/v1/claims/${second.id as string}/approve`, { token: operator, body: {} }), {
    body: { rewards: [{ couponCode: 'ONLY-ONE' }] }
  })
})

t.test('the audit records that codes were added, without the codes', async t => {
  const { add } = await couponEvent({}, [coupon])
  await add(['AUDITED-1', 'AUDITED-2'])
  const { body } = await call('GET', '/v1/audit/events?limit=1', { token: as('ADMIN') })
  t.hasStrict(body.data, [{ action: 'addCouponCodes', targetType: 'REWARD', after: { codes: 2 } }])
})

t.test('503: a claim without a code is not granted, and other claims are not affected', async t => {
  const { add, eventId } = await couponEvent()
  await add(['LOST'])
  await db.collection<Row>('couponCodes').deleteMany({ eventId })
  const other = await activeEvent(call, operator, null, [{ type: 'POINT', name: '5 points', amount: 5, stock: 5 }])
  const [lost, granted] = await Promise.all([claim(eventId), claim(other)])
  t.hasStrict(lost, { status: 503, body: { code: 'SERVICE_UNAVAILABLE' } })
  t.equal(granted?.status, 201)
  t.equal(await db.collection('claims').countDocuments({ eventId }), 0)
})

t.test('201: the stock of a new COUPON is 0', async t => {
  const inactive = (await call('POST', '/v1/events', { token: operator, body: runningEvent() })).body.id as string
  t.hasStrict(await call('POST', `/v1/events/${inactive}/rewards`, { token: operator, body: coupon }), {
    status: 201,
    body: { stock: 0 }
  })
})
