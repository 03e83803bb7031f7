import t from 'tap'
import { fingerprint } from '../../../src/domain/canonical-json.ts'
import { as, atOnce, newUserId, startEventService, type Row } from '../../../../test/kit/servers/event-service.ts'
import { startedEvent } from '../../../../test/kit/servers/events.ts'

const { call, server, db } = await startEventService(t, { TIME_ZONE: 'Asia/Seoul' }, 2)
const operator = as('OPERATOR')
const minimal = { name: 'Welcome week', startsAt: '2026-11-01T00:00:00+09:00', endsAt: '2026-12-01T00:00:00.5Z' }
const create = async (body: unknown, headers = {}, token = operator) =>
  await call('POST', '/v1/events', { token, body, headers })

t.test('201: name and dates are required, every other property has its default', async t => {
  const { status, body, headers } = await create(minimal)
  t.equal(status, 201)
  t.match(body.id, /^[a-f][0-9a-f]{23}$/)
  t.match(body.createdAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  t.strictSame(body, {
    id: body.id,
    name: 'Welcome week',
    description: '',
    startsAt: '2026-10-31T15:00:00.000Z',
    endsAt: '2026-12-01T00:00:00.500Z',
    claimUntil: null,
    timeZone: 'Asia/Seoul',
    dayStartsAt: '00:00',
    weekStartsOn: 'MONDAY',
    condition: null,
    claimPeriod: 'EVENT',
    stockPer: 'EVENT',
    grantMode: 'AUTO',
    group: null,
    position: 0,
    status: 'INACTIVE',
    phase: body.phase,
    conditionText: { en: 'Open to everyone', ko: '누구나 받을 수 있음' },
    rewards: [],
    version: 1,
    createdAt: body.createdAt,
    updatedAt: body.createdAt
  })
  t.equal(headers.get('etag'), '"1"')
  t.strictSame((await call('GET', `/v1/events/${body.id}`, { token: operator })).body, body, 'it can be read')
})

t.test('201: all properties are stored as they were sent', async t => {
  const given = {
    name: '  Two days of 출석 🎉',
    description: 'Twice <b>$name</b>',
    startsAt: '2020-01-01T00:00:00.000Z',
    endsAt: '2020-02-01T00:00:00.000Z',
    claimUntil: '2100-12-31T23:59:59.999Z',
    timeZone: 'America/New_York',
    condition: { aggregation: 'active_days', activity: 'user.visited', target: 2 },
    claimPeriod: 'WEEK',
    stockPer: 'PERIOD',
    grantMode: 'REVIEW',
    group: 'winter-2026_A',
    position: 1000,
    status: 'ACTIVE'
  }
  const rewards = [{ type: 'POINT', name: 'Points', amount: 5 }]
  const answer = await create({ ...given, rewards }, {}, as('ADMIN'))
  t.hasStrict(answer, { status: 201, body: { ...given, phase: 'ENDED', rewards } })
})

const long = (length: number) => 'x'.repeat(length)
const operation = { $gt: '' }
const condition = { aggregation: 'count', activity: 'quest.cleared', target: 1 }
const bad: ReadonlyArray<readonly [pointer: string, given: object]> = [
  ['/color', { color: 'red' }],
  ['/id', { id: 'mine' }],
  ['/version', { version: 7 }],
  ['/rewards', { rewards: [] }],
  ['/activatedAt', { activatedAt: null }],
  ['/$set', { $set: { status: 'ACTIVE' } }],
  ['/phase', { phase: 'RUNNING' }],
  ...[
    undefined,
    null,
    '',
    '   ',
    '\t\n',
    '\u3164',
    '\u200b',
    '\u2800 \u00ad',
    '\u0301',
    long(201),
    5,
    true,
    ['x'],
    operation,
    'a\0b',
    'a\ud800b'
  ].map(name => ['/name', { name }] as const),
  ...[null, 5, long(5001), operation, '\0'].map(description => ['/description', { description }] as const),
  ...[
    undefined,
    null,
    '',
    1763683200000,
    operation,
    '2026-11-21',
    '2026-11-21T00:00:00',
    '2026-02-30T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-11-21T24:00:00Z',
    '2026-11-21T23:59:60Z',
    '2026-11-21 00:00:00Z',
    '1999-12-31T23:59:59.999Z',
    '2101-01-01T00:00:00Z',
    '0000-01-01T00:00:00Z',
    '2026-11-21T00:00:00+25:00',
    'now',
    '2026-11-21T00:00:00Z\0'
  ].flatMap(
    instant =>
      [
        ['/startsAt', { startsAt: instant }],
        ['/endsAt', { endsAt: instant }]
      ] as const
  ),
  ['/endsAt', { endsAt: minimal.startsAt }],
  ['/endsAt', { endsAt: '2026-10-31T14:59:59.999Z' }],
  ['/claimUntil', { claimUntil: '2026-12-01T00:00:00.499Z' }],
  ['/claimUntil', { claimUntil: '2026-02-30T00:00:00Z' }],
  ['/claimUntil', { claimUntil: operation }],
  ...[
    '',
    'Mars/Olympus',
    '+09:00',
    '-05:00',
    'UTC+9',
    '09:00',
    'BST',
    'IST',
    'asia/seoul',
    'utc',
    null,
    9,
    operation,
    `Asia/${long(60)}`
  ].map(timeZone => ['/timeZone', { timeZone }] as const),
  ...['everyone', [], 5, true].map(condition => ['/condition', { condition }] as const),
  ['/condition/agregation', { condition: { agregation: 'count', activity: 'a', target: 1 } }],
  ['/condition/aggregation', { condition: { agregation: 'count', activity: 'a', target: 1 } }],
  ['/condition/where', { condition: { ...condition, where: '1 == 1' } }],
  ...['COUNT', 'median', operation].map(
    aggregation => ['/condition/aggregation', { condition: { ...condition, aggregation } }] as const
  ),
  ...['', ' ', '$where', 'a b', '.a', long(65), operation, '한'].map(
    activity => ['/condition/activity', { condition: { ...condition, activity } }] as const
  ),
  ...[0, -1, 1.5, '3', null, 2 ** 53, operation].map(
    target => ['/condition/target', { condition: { ...condition, target } }] as const
  ),
  ...['YEAR', 'event', operation].map(claimPeriod => ['/claimPeriod', { claimPeriod }] as const),
  ...['DAY', 'event', null, operation].map(stockPer => ['/stockPer', { stockPer }] as const),
  ['/stockPer', { stockPer: 'PERIOD', rewards: [{ type: 'COUPON', name: 'A code' }] }],
  ...['MANUAL', operation].map(grantMode => ['/grantMode', { grantMode }] as const),
  ...['', 'a b', 'a.b', '한', long(65), 7, operation].map(group => ['/group', { group }] as const),
  ...[-1, 1001, 1.5, '1', null, operation].map(position => ['/position', { position }] as const),
  ...['active', 'DELETED', null, operation].map(status => ['/status', { status }] as const)
]

t.test('400: the response names the invalid field, and no event is created', async t => {
  const before = await db.collection('events').countDocuments()
  for (const [pointer, given] of bad) {
    const { status, body } = await create({ ...minimal, ...given })
    const named = body.errors?.some((error: { pointer: string }) => error.pointer === pointer) === true
    t.ok(status === 400 && body.code === 'VALIDATION_FAILED' && named, `${pointer} of ${JSON.stringify(given)}`)
    if (!named) t.comment(JSON.stringify(body))
  }
  for (const body of [[], [minimal], 'text', 5, true]) {
    t.hasStrict(await create(body), { status: 400, body: { code: 'VALIDATION_FAILED' } })
  }
  t.equal(await db.collection('events').countDocuments(), before)
})

t.test('201: a retry with the same Idempotency-Key gets the same event in its current state', async t => {
  const headers = { 'idempotency-key': 'first try' }
  const first = await create(minimal, headers)
  t.equal(first.headers.get('idempotent-replayed'), null)
  const again = await create({ endsAt: minimal.endsAt, startsAt: minimal.startsAt, name: minimal.name }, headers)
  t.hasStrict(again, { status: 201, body: first.body })
  t.equal(again.headers.get('idempotent-replayed'), 'true')

  await call('PATCH', `/v1/events/${first.body.id}`, { token: operator, body: { name: 'Renamed' } })
  const later = await create(minimal, headers)
  t.hasStrict(later, { status: 201, body: { id: first.body.id, name: 'Renamed', version: 2 } })
  t.equal(later.headers.get('etag'), '"2"')
})

t.test('201: a retry gets its event even if the event can no longer be claimed, so could not be created', async t => {
  const headers = { 'idempotency-key': 'ended' }
  const running = startedEvent()
  const ended = { ...running, startsAt: '2020-01-01T00:00:00Z', endsAt: '2020-01-02T00:00:00Z' }
  t.hasStrict(await create(ended, headers), { status: 409, body: { code: 'EVENT_ENDED' } })
  const first = await create(running, headers)
  // As if the same body had been sent before it ended.
  const sentBefore = { creationFingerprint: fingerprint(ended), endsAt: new Date(ended.endsAt) }
  await db.collection<Row>('events').updateOne({ _id: first.body.id }, { $set: sentBefore })

  const again = await create(ended, headers)
  t.hasStrict(again, { status: 201, body: { id: first.body.id, status: 'ACTIVE' } })
  t.equal(again.headers.get('idempotent-replayed'), 'true')
  t.hasStrict(await create({ ...ended, name: 'Other' }, headers), {
    status: 422, body: { code: 'IDEMPOTENCY_KEY_REUSED' }
  })
})

t.test('201: after the event was deleted, its Idempotency-Key creates a new one', async t => {
  const headers = { 'idempotency-key': 'deleted' }
  const first = await create(minimal, headers)
  await call('DELETE', `/v1/events/${first.body.id}`, { token: operator })
  const second = await create(minimal, headers)
  t.equal(second.status, 201)
  t.equal(second.headers.get('idempotent-replayed'), null)
  t.not(second.body.id, first.body.id)
})

t.test('201: an Idempotency-Key belongs to its caller, and a rejected request does not use it up', async t => {
  const headers = { 'idempotency-key': '$where: 1' }
  t.hasStrict(await create({ ...minimal, name: '' }, headers), { status: 400 })
  const mine = await create(minimal, headers)
  const theirs = await create(minimal, headers, as('OPERATOR'))
  t.equal(mine.status, 201)
  t.equal(theirs.status, 201)
  t.not(theirs.body.id, mine.body.id)
  t.equal(theirs.headers.get('idempotent-replayed'), null)
})

t.test('422: the same Idempotency-Key with another body is rejected', async t => {
  const headers = { 'idempotency-key': 'one body only' }
  t.equal((await create(minimal, headers)).status, 201)
  t.hasStrict(await create({ ...minimal, description: 'other' }, headers), {
    status: 422,
    body: { code: 'IDEMPOTENCY_KEY_REUSED' }
  })
})

t.test('400: an Idempotency-Key must have 1 to 64 printable characters', async t => {
  for (const key of ['', 'x'.repeat(65), 'tab\there', 'é']) {
    t.hasStrict(
      await create(minimal, { 'idempotency-key': key }),
      { status: 400, body: { code: 'VALIDATION_FAILED' } },
      JSON.stringify(key)
    )
  }
  t.equal((await create(minimal, { 'idempotency-key': 'x'.repeat(64) })).status, 201)
})

t.test('201: twenty concurrent requests with one Idempotency-Key at two servers create one event', async t => {
  const token = as('OPERATOR', newUserId())
  const answers = await atOnce(
    20,
    async index =>
      await server(index)('POST', '/v1/events', {
        token,
        body: { ...minimal, name: 'Only one' },
        headers: { 'idempotency-key': 'once' }
      })
  )
  t.strictSame(answers.map(answer => answer.status), Array(20).fill(201))
  t.equal(new Set(answers.map(answer => answer.body.id)).size, 1)
  t.equal(
    answers.filter(answer => answer.headers.get('idempotent-replayed') === null).length,
    1,
    'one of them is not a replay'
  )
  t.equal(await db.collection('events').countDocuments({ name: 'Only one' }), 1)
})
