import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { ownDatabase } from '../../test/kit/database.ts'
import { activeEvent, runningEvent } from '../../test/kit/events.ts'
import { eventually } from '../../test/kit/eventually.ts'
import { as, atOnce, newUserId, startEventService } from '../../test/kit/event-service.ts'
import { startMongoLine } from '../../test/kit/mongo-line.ts'

const operator = as('OPERATOR')
const points = { type: 'POINT', name: 'Points', amount: 1 }
const done = (userId: string) => ({ id: newUserId(), userId, type: 'quest.cleared' })

t.test('while MongoDB is away', async t => {
  const { uri, name, client } = ownDatabase(t, 'line')
  const line = await startMongoLine(t, uri)
  const { call } = await startEventService(t, { EVENT_MONGODB_URI: line.uri })
  const eventId = await activeEvent(call, operator)
  const { body: draft } = await call('POST', '/v1/events', { token: operator, body: runningEvent() })
  const sender = as('ADMIN')
  const send = async (sent: readonly object[]) => await call('POST', '/v1/activities', { token: sender, body: { activities: sent } })

  await t.test('503 with Retry-After: every operation says so, and none that it was done', async t => {
    const requests = [
      ['POST', '/v1/events', operator, runningEvent()], ['GET', '/v1/events', operator], ['GET', `/v1/events/${eventId}`, operator], ['PATCH', `/v1/events/${draft.id as string}`, operator, { name: 'Other' }],
      ['POST', `/v1/events/${draft.id as string}/rewards`, operator, points], ['POST', `/v1/events/${eventId}/claims`, as('USER')], ['GET', `/v1/events/${eventId}/progress`, as('USER')],
      ['GET', '/v1/claims', operator], ['GET', '/v1/claims/some', operator], ['GET', '/v1/users/me/wallet', as('USER')], ['POST', '/v1/activities', as('ADMIN'), { activities: [done(newUserId())] }]
    ] as const
    line.cut()
    await sleep(100)
    const answers = await Promise.all([...requests.map(async ([method, path, token, body]) => await call(method, path, { token, body })), call('GET', '/health/ready')])
    const live = await call('GET', '/health/live')
    line.mend()
    for (const [index, { status, headers, body }] of answers.entries()) {
      t.strictSame([status, headers.get('retry-after')], [503, '1'], requests[index]?.slice(0, 2).join(' ') ?? 'ready')
      t.notMatch(JSON.stringify(body), /127\.0\.0\.1|Mongo|connect/, 'without the driver\'s words')
    }
    t.equal(live.status, 200)
    await eventually(async () => (await call('GET', '/health/ready')).status === 200)
  })

  await t.test('a claim whose answer was lost is found again by its Idempotency-Key, and is one', async t => {
    const users = Array.from({ length: 30 }, newUserId)
    const claim = async (userId = '') => await call('POST', `/v1/events/${eventId}/claims`, { token: as('USER', userId), headers: { 'idempotency-key': 'mine' } })
    const rush = atOnce(users.length, async index => await sleep(index * 2).then(async () => await claim(users[index])))
    await sleep(30)
    line.cut()
    await sleep(100)
    line.mend()
    const first = await rush
    t.ok(first.every(({ status }) => status === 201 || status >= 500))
    for (const [index, userId] of users.entries()) {
      const again = await eventually(async () => await claim(userId).then(answer => answer.status < 500 && answer))
      t.equal(again.status, 201)
      if (first[index]?.status === 201) t.strictSame(again.body, first[index]?.body, 'what was acknowledged is still there')
      t.hasStrict((await call('GET', `/v1/users/${userId}/wallet`, { token: operator })).body, { points: 500 })
    }
  })

  await t.test('activities that were not acknowledged can be sent again, and each counts once', async t => {
    const userId = newUserId()
    const sent = Array.from({ length: 50 }, () => done(userId))
    const batches = Array.from({ length: 10 }, (_, index) => sent.slice(index * 5, index * 5 + 5))
    const rush = Promise.all(batches.map(async (batch, index) => await sleep(index * 3).then(async () => await send(batch))))
    await sleep(15)
    line.cut()
    const answers = await rush
    line.mend()
    const acknowledged = answers.flatMap(({ status, body }) => status === 200 ? Number(body.accepted) : [])
    const written = await client.db(name).collection('activities').countDocuments({ userId })
    t.ok(written >= acknowledged.length * 5 && acknowledged.every(accepted => accepted === 5), 'what was acknowledged is there')
    const again = await eventually(async () => await send(sent).then(answer => answer.status === 200 && answer))
    t.strictSame(again.body, { accepted: 50 - written, duplicates: written, rejected: [] })
    const eventId = await activeEvent(call, operator, { aggregation: 'count', activity: 'quest.cleared', target: 50 })
    t.hasStrict((await call('GET', `/v1/events/${eventId}/progress`, { token: as('USER', userId) })).body, { progress: { current: 50, met: true } })
  })
})

t.test('500: what MongoDB refuses for a reason that nobody foresaw is an internal error without its words', async t => {
  const { call, db } = await startEventService(t)
  const eventId = await activeEvent(call, operator)
  for (const collMod of ['events', 'claims', 'activities']) await db.command({ collMod, validator: { neverThere: true } })
  const requests = [
    ['/v1/events', operator, runningEvent()], [`/v1/events/${eventId}/claims`, as('USER'), {}], ['/v1/activities', as('ADMIN'), { activities: [done('a'), done('b')] }]
  ] as const
  for (const [path, token, body] of requests) {
    const answer = await call('POST', path, { token, body, headers: { 'idempotency-key': 'a key' } })
    t.strictSame(answer.body, { ...answer.body, status: 500, code: 'INTERNAL_ERROR', detail: 'Internal error' }, path)
    t.notOk('errors' in answer.body)
  }
  t.strictSame(await db.collection('activities').countDocuments(), 0)
})

t.test('503: a write that stands in the way and cannot be seen yet is waited for, not guessed', async t => {
  const { call, db } = await startEventService(t)
  const [first, second] = [await activeEvent(call, operator), await activeEvent(call, operator)]
  const claim = async (eventId: string, token: string) => await call('POST', `/v1/events/${eventId}/claims`, { token })
  const retry = { status: 503, body: { code: 'SERVICE_UNAVAILABLE' } }
  // A second unique index makes what replication makes for a moment: a collision with a row that no read shows.
  const claims = db.collection('claims')
  await claims.createIndex({ userId: 1 }, { unique: true, name: 'in the way' })
  const token = as('USER')
  t.equal((await claim(first, token)).status, 201)
  const hidden = await claim(second, token)
  t.hasStrict(hidden, retry)
  t.equal(hidden.headers.get('retry-after'), '1')
  t.equal(await claims.countDocuments({ eventId: second }), 0)

  const waiting = claim(second, token)
  await sleep(200)
  await claims.dropIndex('in the way')
  const winner = await claim(second, token)
  t.equal(winner.status, 201)
  t.hasStrict(await waiting, { status: 409, body: { code: 'ALREADY_CLAIMED', claim: winner.body } }, 'once it is seen, it counts')

  await db.collection('events').createIndex({ name: 1 }, { unique: true, partialFilterExpression: { description: 'in the way' } })
  const create = async (headers = {}) => await call('POST', '/v1/events', { token: operator, body: runningEvent(null, { description: 'in the way' }), headers })
  t.equal((await create()).status, 201)
  t.hasStrict(await create({ 'idempotency-key': 'a key' }), retry)
  t.hasStrict(await create(), { status: 500 }, 'without a key nothing can stand in the way')
})
