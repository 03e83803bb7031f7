import { Timestamp } from 'mongodb'
import t from 'tap'
import type { Answer } from '../../../../test/kit/http/client.ts'
import { as, atOnce, newUserId, serviceToken, type Row } from '../../../../test/kit/servers/event-service.ts'
import { sharedEventService } from '../../../../test/kit/servers/shared-event-service.ts'

const { call, server, db } = await sharedEventService()
const activities = db.collection<Row>('activities')
const admin = as('ADMIN')
const hour = 3_600_000

const activityWith = (given: object = {}) => ({ id: newUserId(), userId: newUserId(), type: 'quest.cleared', ...given })
const send = async (sent: readonly object[], token = admin, path = '/v1/activities'): Promise<Answer> =>
  await call('POST', path, { token, body: { activities: sent } })
const sendInternally = async (sent: readonly object[], token = serviceToken()) =>
  await send(sent, token, '/internal/activities')

t.test('200: a new activity is accepted and stored as it was sent', async t => {
  const sender = newUserId()
  const given = activityWith({
    occurredAt: '2026-11-21T09:00:00.5+09:00',
    value: 12.345,
    data: { questId: '$gt', level: 7, first: true }
  })
  t.hasStrict(await send([given], as('ADMIN', sender)), {
    status: 200,
    body: { accepted: 1, duplicates: 0, rejected: [] }
  })
  const row = await activities.findOne({ userId: given.userId })
  const { id, ...kept } = given
  t.strictSame(row, {
    ...kept,
    _id: `${given.userId}:${sender}:${id}`,
    occurredAt: new Date('2026-11-21T00:00:00.500Z'),
    receivedAt: row?.['receivedAt']
  })
})

t.test('200: MongoDB sets receivedAt, and occurredAt is now by default', async t => {
  const sent = [activityWith(), activityWith()]
  const before = new Date()
  await send(sent)
  const rows = await activities.find({ userId: { $in: sent.map(({ userId }) => userId) } }).toArray()
  t.equal(rows.length, 2)
  for (const { receivedAt, occurredAt } of rows) {
    t.ok(receivedAt instanceof Timestamp && receivedAt.t > 0 && Math.abs(receivedAt.t - before.getTime() / 1000) < 60)
    t.ok(occurredAt >= before && occurredAt <= new Date())
  }
})

t.test('200: an activity that is sent again is a duplicate, across requests and within one', async t => {
  const [a, b, c] = [activityWith(), activityWith(), activityWith()]
  t.hasStrict(await send([a, b, a]), { status: 200, body: { accepted: 2, duplicates: 1, rejected: [] } })
  t.hasStrict(await send([b, c, { ...a, type: 'other.type' }]), {
    status: 200,
    body: { accepted: 1, duplicates: 2, rejected: [] }
  })
  t.hasStrict(await send([a]), { status: 200, body: { accepted: 0, duplicates: 1, rejected: [] } })
  t.strictSame(
    (await activities.find({ userId: a.userId }).toArray()).map(({ type }) => type),
    ['quest.cleared'],
    'the first one is not changed'
  )
})

t.test('200: the same id from another sender or for another user is another activity', async t => {
  const activity = activityWith()
  for (const token of [admin, as('ADMIN'), as('SERVICE')]) {
    t.hasStrict(await send([activity], token), { body: { accepted: 1, duplicates: 0 } })
  }
  t.hasStrict(await sendInternally([activity]), { status: 200, body: { accepted: 1, duplicates: 0 } })
  t.hasStrict(await send([{ ...activity, userId: newUserId() }]), { body: { accepted: 1, duplicates: 0 } })
  t.equal(await activities.countDocuments({ userId: activity.userId }), 4)
})

t.test('200: twenty equal concurrent requests at two servers count each activity once', async t => {
  const userId = newUserId()
  const sent = Array.from({ length: 25 }, () => activityWith({ userId }))
  const answers = await atOnce(
    20,
    async index => await server(index)('POST', '/v1/activities', { token: admin, body: { activities: sent } })
  )
  t.equal(answers.reduce((sum, { body }) => sum + Number(body.accepted), 0), 25)
  t.equal(answers.reduce((sum, { body }) => sum + Number(body.duplicates), 0), 19 * 25)
  t.equal(await activities.countDocuments({ userId }), 25)
})

t.test('200: each activity out of bounds is rejected, and the others are accepted', async t => {
  const userId = newUserId()
  const ahead = (milliseconds: number) => new Date(Date.now() + milliseconds).toISOString()
  const known = activityWith({ userId })
  await send([known])
  const sent = [
    activityWith({ userId, value: 1.0001 }),
    known,
    activityWith({ userId, value: 0.001 }),
    activityWith({ userId, value: -1 }),
    activityWith({ userId, occurredAt: ahead(600_000) }),
    activityWith({ userId, occurredAt: ahead(200_000) }),
    activityWith({ userId, type: 'user.login' }),
    activityWith({ userId, occurredAt: '2000-01-01T00:00:00Z' })
  ]
  const { status, body } = await send(sent)
  t.equal(status, 200)
  t.strictSame(
    { accepted: body.accepted, duplicates: body.duplicates },
    { accepted: 4, duplicates: 1 },
    'an ADMIN may backfill, including reserved types'
  )
  t.strictSame(
    body.rejected.map(({ index, code }: { index: number; code: string }) => [index, code]),
    [
      [0, 'VALUE_OUT_OF_RANGE'],
      [3, 'VALUE_OUT_OF_RANGE'],
      [4, 'OCCURRED_IN_FUTURE']
    ]
  )
  t.ok(body.rejected.every(({ detail }: { detail: string }) => detail.length > 10))
  t.equal(await activities.countDocuments({ userId }), 5)
})

t.test('200: reserved types and activities older than 48 hours from a machine client are rejected', async t => {
  const service = as('SERVICE')
  const ago = (hours: number) => new Date(Date.now() - hours * hour).toISOString()
  const { body } = await send(
    [
      activityWith({ type: 'user.visited' }),
      activityWith({ type: 'friend.invited' }),
      activityWith({ occurredAt: ago(49) }),
      activityWith({ occurredAt: ago(47) })
    ],
    service
  )
  t.strictSame(
    { accepted: body.accepted, codes: body.rejected.map(({ code }: { code: string }) => code) },
    { accepted: 1, codes: ['RESERVED_TYPE', 'RESERVED_TYPE', 'OCCURRED_TOO_LONG_AGO'] }
  )
  t.hasStrict(
    await send([activityWith({ value: -1 })], service),
    { status: 200, body: { accepted: 0, duplicates: 0, rejected: [{ index: 0 }] } },
    'even if all of them are rejected'
  )
})

t.test('200: the platform may report reserved types at any age', async t => {
  const sent = [
    activityWith({ type: 'user.login', occurredAt: '2026-01-01T00:00:00Z' }),
    activityWith({ type: 'friend.invited', data: { inviteeId: 'x' } })
  ]
  t.hasStrict(await sendInternally(sent), { status: 200, body: { accepted: 2, duplicates: 0, rejected: [] } })
  t.hasStrict(
    await sendInternally(sent),
    { status: 200, body: { accepted: 0, duplicates: 2, rejected: [] } },
    'and again'
  )
})

t.test('401: the internal operation requires a service token; the public operation rejects it', async t => {
  const sent = [activityWith()]
  for (const role of ['USER', 'OPERATOR', 'AUDITOR', 'ADMIN', 'SERVICE'] as const) {
    t.equal((await sendInternally(sent, as(role))).status, 401, role)
  }
  const wrong = [
    serviceToken({ aud: 'laurel-api' }),
    serviceToken({}, { typ: 'at+jwt' }),
    serviceToken({ exp: 1_000_000_000 }),
    serviceToken({ iss: 'other' }),
    serviceToken({ jti: undefined }),
    ''
  ]
  for (const token of wrong) t.equal((await sendInternally(sent, token)).status, 401)
  t.equal((await send(sent, serviceToken({ role: 'ADMIN', sid: 'x' }))).status, 401)
  t.equal((await send(sent, serviceToken({ aud: 'laurel-api', role: 'ADMIN', sid: 'x' }))).status, 401)
  for (const role of ['USER', 'OPERATOR', 'AUDITOR'] as const) t.equal((await send(sent, as(role))).status, 403, role)
  t.equal(await activities.countDocuments({ userId: sent[0]?.userId ?? '' }), 0)
})

t.test('400: one activity with an invalid shape rejects the whole request', async t => {
  const before = await activities.countDocuments()
  const many = Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`a${index}`, index]))
  const bad: ReadonlyArray<readonly [place: string, given: object]> = [
    ...[undefined, '', 'a b', 'a:b', 7, 'x'.repeat(129), { $gt: '' }].flatMap(
      id =>
        [
          ['/id', { id }],
          ['/userId', { userId: id }]
        ] as const
    ),
    ...[undefined, '', '$x', 'a b', 7, 'x'.repeat(65), { $gt: '' }].map(type => ['/type', { type }] as const),
    ...['2026-02-30T00:00:00Z', '2026-11-21T00:00:00', '1999-01-01T00:00:00Z', 7, null].map(
      occurredAt => ['/occurredAt', { occurredAt }] as const
    ),
    ...['1', null, {}, true].map(value => ['/value', { value }] as const),
    ...[[], 'x', null, many].map(data => ['/data', { data }] as const),
    ['/data/$where', { data: { $where: 1 } }],
    ['/data/a.b', { data: { 'a.b': 1 } }],
    ['/data/a', { data: { a: { $gt: '' } } }],
    ['/data/a', { data: { a: 'x\0' } }],
    ['/receivedAt', { receivedAt: 1 }]
  ]
  for (const [place, given] of bad) {
    const { status, body } = await send([activityWith(), activityWith(given)])
    const named = body.errors?.some(({ pointer }: { pointer: string }) => pointer === `/activities/1${place}`) === true
    t.ok(status === 400 && named, `${place} of ${JSON.stringify(given).slice(0, 100)}`)
    if (!named) t.comment(JSON.stringify(body))
  }
  for (const body of [
    {},
    { activities: [] },
    { activities: {} },
    { activities: [null] },
    [activityWith()],
    { activities: [activityWith()], more: 1 }
  ]) {
    t.hasStrict(await call('POST', '/v1/activities', { token: admin, body }), {
      status: 400,
      body: { code: 'VALIDATION_FAILED' }
    })
  }
  t.equal(await activities.countDocuments(), before)
})

t.test('200: 500 activities are accepted; 400: 501 are not; 413: more than 4 MiB, or 1 MiB inside, is not', async t => {
  const many = (count: number, given: object = {}) => Array.from({ length: count }, () => activityWith(given))
  const text = 'x'.repeat(1000)
  for (const [post, mebibytes, texts] of [[send, 4, 10], [sendInternally, 1, 2]] as const) {
    t.hasStrict(await post(many(500)), { status: 200, body: { accepted: 500 } })
    t.hasStrict(await post(many(501)), { status: 400, body: { errors: [{ pointer: '/activities' }] } })
    const others = Object.fromEntries(Array.from({ length: texts }, (_, index) => [`o${index}`, text]))
    const sized = (length: number) => many(400, { data: { ...others, c: 'x'.repeat(length) } })
    const limit = mebibytes * 1024 * 1024
    const rest = Math.floor((limit - JSON.stringify({ activities: sized(0) }).length) / 400)
    t.hasStrict(await post(sized(rest - 1)), { status: 200, body: { accepted: 400 } })
    t.hasStrict(await post(sized(rest + 1)), { status: 413, body: { code: 'BODY_TOO_LARGE' } })
  }
})
