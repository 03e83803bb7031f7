import t from 'tap'
import type { Answer } from '../../../../test/kit/http/client.ts'
import { activeEvent, runningEvent } from '../../../../test/kit/servers/events.ts'
import { as, atOnce, countByStatus } from '../../../../test/kit/servers/event-service.ts'
import { sharedEventService } from '../../../../test/kit/servers/shared-event-service.ts'

const { call } = await sharedEventService()
const operator = as('OPERATOR')
const points = { type: 'POINT', name: 'Points', amount: 500 }

async function create (): Promise<string> {
  const { body } = await call('POST', '/v1/events', { token: operator, body: runningEvent() })
  return body.id
}
const add = async (eventId: string, body: unknown, headers = {}, token = operator): Promise<Answer> =>
  await call('POST', `/v1/events/${eventId}/rewards`, { token, body, headers })

t.test('201: each reward type is created with its own properties', async t => {
  const eventId = await create()
  const attributes = { grade: 'S', level: 7, tradable: false, note: '$set {"$gt": ""}' }
  for (const given of [
    { type: 'POINT', name: 'Points', amount: 1 },
    { type: 'CURRENCY', name: 'Gold', currency: 'GOLD', amount: 1_000_000_000 },
    { type: 'ITEM', name: '$name', itemId: 'sword:7.b_x-1', amount: 2, attributes, stock: null },
    { type: 'POINT', name: 'Few points', amount: 1, stock: 7 },
    { type: 'COUPON', name: 'A code', amount: 1 },
    { type: 'COUPON', name: 'Another code' }
  ]) {
    const { status, body } = await add(eventId, given)
    t.equal(status, 201)
    const stock = given.type === 'COUPON' ? 0 : given.stock ?? null
    t.strictSame(body, {
      attributes: {},
      amount: 1,
      ...given,
      id: body.id,
      eventId,
      stock,
      granted: 0,
      held: 0,
      remaining: stock,
      asOf: body.asOf
    })
    t.strictSame(
      {
        ...(await call('GET', `/v1/events/${eventId}/rewards/${body.id as string}`, { token: operator })).body,
        asOf: body.asOf
      },
      body,
      'it can be read'
    )
  }
  const event = await call('GET', `/v1/events/${eventId}`, { token: operator })
  t.equal(event.body.version, 7, 'each reward increments the version')
})

t.test('400: the response names the invalid field, and nothing is added', async t => {
  const eventId = await create()
  const gold = { type: 'CURRENCY', name: 'Gold', currency: 'GOLD', amount: 1 }
  const sword = { type: 'ITEM', name: 'A sword', itemId: 'sword', amount: 1 }
  const many = Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`a${index}`, index]))
  const bad: ReadonlyArray<readonly [pointer: string, body: object]> = [
    ['/type', { name: 'Points', amount: 1 }],
    ['/amount', { ...points, type: 'COUPON' }],
    ['/stock', { type: 'COUPON', name: 'A code', stock: 5 }],
    ['/type', { ...points, type: 'point' }],
    ['/type', { ...points, type: { $gt: '' } }],
    ...['5', -1, true, 1.5, 1_000_000_001].map(stock => ['/stock', { ...points, stock }] as const),
    ...[undefined, null, 0, -1, 1.5, '1', 1_000_000_001, 1e300, { $gt: 0 }].map(
      amount => ['/amount', { ...points, amount }] as const
    ),
    ...[undefined, null, '', '  ', 'x'.repeat(101), 7, 'a\0'].map(name => ['/name', { ...points, name }] as const),
    ['/currency', { ...points, currency: 'GOLD' }],
    ['/itemId', { ...gold, itemId: 'sword' }],
    ['/currency', { ...sword, currency: 'GOLD' }],
    ['/amunt', { ...points, amunt: 5 }],
    ['/granted', { ...points, granted: 5 }],
    ['/id', { ...points, id: 'x' }],
    ...[undefined, null, '', 'A B', '$x', 'x'.repeat(65), 7].map(
      currency => ['/currency', { ...gold, currency }] as const
    ),
    ...[undefined, '', '../x'].map(itemId => ['/itemId', { ...sword, itemId }] as const),
    ...[[], 'x', null, many].map(attributes => ['/attributes', { ...points, attributes }] as const),
    ...['$where', 'a.b', '1a', '', 'constructor', 'prototype', 'x'.repeat(65)].map(
      name => [`/attributes/${name}`, { ...points, attributes: { [name]: 1 } }] as const
    ),
    ...[null, {}, [1], 'x'.repeat(1001)].map(
      value => ['/attributes/a', { ...points, attributes: { a: value } }] as const
    )
  ]
  for (const [pointer, body] of bad) {
    const answer = await add(eventId, body)
    const named = answer.body.errors?.some((error: { pointer: string }) => error.pointer === pointer) === true
    t.ok(answer.status === 400 && named, `${pointer} of ${JSON.stringify(body).slice(0, 200)}`)
    if (!named) t.comment(JSON.stringify(answer.body))
  }
  t.strictSame((await call('GET', `/v1/events/${eventId}/rewards`, { token: operator })).body, { data: [] })
})

t.test('409 EVENT_FROZEN: no reward can be added once the event has been ACTIVE', async t => {
  const eventId = await activeEvent(call, operator)
  t.hasStrict(await add(eventId, points), { status: 409, body: { code: 'EVENT_FROZEN' } })
  await call('PATCH', `/v1/events/${eventId}`, { token: operator, body: { status: 'INACTIVE' } })
  t.hasStrict(await add(eventId, points), { status: 409, body: { code: 'EVENT_FROZEN' } })
  t.equal((await call('GET', `/v1/events/${eventId}/rewards`, { token: operator })).body.data.length, 1)
})

t.test('409 TOO_MANY_REWARDS: an event has at most twenty rewards', async t => {
  const eventId = await create()
  const answers = await atOnce(20, async () => await add(eventId, points))
  t.strictSame(countByStatus(answers), { 201: 20 })
  t.hasStrict(await add(eventId, points), { status: 409, body: { code: 'TOO_MANY_REWARDS' } })
})

t.test('400: the attributes of a reward or of its event are too large', async t => {
  const eventId = await create()
  const attributes = (length: number) => ({
    a: 'x'.repeat(1000),
    b: 'x'.repeat(1000),
    c: 'x'.repeat(1000),
    d: 'x'.repeat(length)
  })
  const refused = { status: 400, body: { code: 'VALIDATION_FAILED', errors: [{ pointer: '/attributes' }] } }
  const large = { ...points, attributes: { ...attributes(1000), e: 'x'.repeat(100) } }
  t.hasStrict(await add(eventId, large), refused)
  const answers = await atOnce(6, async () => await add(eventId, { ...points, attributes: attributes(950) }))
  t.strictSame(countByStatus(answers), { 201: 4, 400: 2 })
  t.ok(answers.every(({ status, body }) => status === 201 || body.errors[0].pointer === '/attributes'))
  t.equal((await add(eventId, points)).status, 201, 'a reward without attributes fits')
})

t.test('201: a retry with the same Idempotency-Key gets the same reward, even after the activation', async t => {
  const eventId = await create()
  const headers = { 'idempotency-key': 'a key' }
  const first = await add(eventId, points, headers)
  const again = await add(eventId, { amount: 500, name: 'Points', type: 'POINT' }, headers)
  t.equal(first.headers.get('idempotent-replayed'), null)
  t.equal(again.headers.get('idempotent-replayed'), 'true')
  t.strictSame({ ...again.body, asOf: '' }, { ...first.body, asOf: '' })
  t.notOk('creationKey' in again.body)

  await call('PATCH', `/v1/events/${eventId}`, { token: operator, body: { status: 'ACTIVE' } })
  t.hasStrict(await add(eventId, points, headers), { status: 201, body: { id: first.body.id } })
  t.hasStrict(await add(eventId, points, { 'idempotency-key': 'another' }), {
    status: 409,
    body: { code: 'EVENT_FROZEN' }
  })
})

t.test('201: after the reward was deleted, its Idempotency-Key adds a new one', async t => {
  const eventId = await create()
  const headers = { 'idempotency-key': 'deleted' }
  const first = await add(eventId, points, headers)
  await call('DELETE', `/v1/events/${eventId}/rewards/${first.body.id}`, { token: operator })
  const second = await add(eventId, points, headers)
  t.equal(second.status, 201)
  t.equal(second.headers.get('idempotent-replayed'), null)
  t.not(second.body.id, first.body.id)
})

t.test('201: an Idempotency-Key belongs to its caller and event', async t => {
  const [one, other] = [await create(), await create()]
  const headers = { 'idempotency-key': 'a key' }
  const answers = [
    await add(one, points, headers),
    await add(other, points, headers),
    await add(one, points, headers, as('ADMIN'))
  ]
  t.strictSame(
    answers.map(({ status, headers }) => [status, headers.get('idempotent-replayed')]),
    [
      [201, null],
      [201, null],
      [201, null]
    ]
  )
  t.equal(new Set(answers.map(({ body }) => body.id)).size, 3)
})

t.test('422: the same Idempotency-Key with another body is rejected', async t => {
  const eventId = await create()
  const headers = { 'idempotency-key': 'one body only' }
  await add(eventId, points, headers)
  t.hasStrict(await add(eventId, { ...points, amount: 501 }, headers), {
    status: 422,
    body: { code: 'IDEMPOTENCY_KEY_REUSED' }
  })
  t.equal((await call('GET', `/v1/events/${eventId}/rewards`, { token: operator })).body.data.length, 1)
})

t.test('200: all rewards are listed in the order in which they were added, with their counts', async t => {
  const eventId = await activeEvent(
    call,
    operator,
    null,
    ['first', 'second', 'third'].map(name => ({ ...points, name }))
  )
  await call('POST', `/v1/events/${eventId}/claims`, { token: as('USER') })
  for (const role of ['USER', 'OPERATOR', 'AUDITOR', 'ADMIN'] as const) {
    const { status, body } = await call('GET', `/v1/events/${eventId}/rewards`, { token: as(role) })
    t.equal(status, 200)
    t.strictSame(body.data.map(({ name }: { name: string }) => name), ['first', 'second', 'third'], role)
    t.ok(
      body.data.every(
        (reward: { eventId: string; held: number; asOf: string }) =>
          reward.eventId === eventId && reward.held === 0 && reward.asOf.endsWith('Z')
      )
    )
  }
})

t.test('404: a missing reward, and for a USER every reward of an event that is not ACTIVE', async t => {
  const eventId = await create()
  const { body: reward } = await add(eventId, points)
  const other = await activeEvent(call, operator)
  for (const id of ['nothing', 'a.b', 'x'.repeat(129), reward.id]) {
    t.hasStrict(await call('GET', `/v1/events/${other}/rewards/${id as string}`, { token: operator }), {
      status: 404,
      body: { code: 'REWARD_NOT_FOUND' }
    })
  }
  for (const rest of ['', `/${reward.id as string}`]) {
    t.hasStrict(await call('GET', `/v1/events/${eventId}/rewards${rest}`, { token: as('USER') }), {
      status: 404,
      body: { code: 'EVENT_NOT_FOUND' }
    })
    t.equal((await call('GET', `/v1/events/${eventId}/rewards${rest}`, { token: as('AUDITOR') })).status, 200)
  }
})
