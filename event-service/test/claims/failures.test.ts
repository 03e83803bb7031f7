import { setTimeout as sleep } from 'node:timers/promises'
import { MongoClient } from 'mongodb'
import t from 'tap'
import type { Answer } from '../../../test/kit/client.ts'
import { mongoUri, ownDatabase } from '../../../test/kit/database.ts'
import { activeEvent, runningEvent } from '../../../test/kit/events.ts'
import { eventually } from '../../../test/kit/eventually.ts'
import { as, newUserId, startEventService } from '../../../test/kit/event-service.ts'
import { startMongoLine } from '../../../test/kit/mongo-line.ts'
import { createActivityStore } from '../../src/stores/activities.ts'

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
  const claim = async (userId: string) => await call('POST', `/v1/events/${eventId}/claims`, { token: as('USER', userId), headers: { 'idempotency-key': 'mine' } })

  /** Sends a request, waits until MongoDB has done what it asks, and breaks the line before the answer is through. */
  async function loseAnswer (collection: string, request: (userId: string) => Promise<Answer>, afterwards = (): void => undefined) {
    const userId = newUserId()
    line.loseAnswersTo('insert')
    const answering = request(userId)
    await eventually(async () => await client.db(name).collection(collection).findOne({ userId }))
    line.cut()
    afterwards()
    const answer = await answering
    line.mend()
    return { answer, userId }
  }

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

  await t.test('201: a claim that MongoDB has, but whose answer was lost on the way, is told by the driver\'s second try', async t => {
    const lose = async () => await loseAnswer('claims', async userId => await claim(userId), line.mend)
    let { answer, userId } = await lose()
    // The second try may meet a connection that has not yet noticed that it is broken.
    for (let more = 0; answer.status === 503 && more < 3; more++) ({ answer, userId } = await lose())
    t.hasStrict(answer, { status: 201, body: { status: 'GRANTED', userId, attempts: 1 } })
    t.equal(answer.headers.get('idempotent-replayed'), null)
  })

  await t.test('201: where the second try fails too, the same Idempotency-Key shows the claim that was made, and it is one', async t => {
    const { answer, userId } = await loseAnswer('claims', async userId => await claim(userId))
    t.equal(answer.status, 503)
    const again = await eventually(async () => await claim(userId).then(answer => answer.status !== 503 && answer))
    t.hasStrict(again, { status: 201, body: { status: 'GRANTED', userId, attempts: 1 } })
    t.equal(again.headers.get('idempotent-replayed'), 'true')
    t.hasStrict((await call('GET', `/v1/users/${userId}/wallet`, { token: operator })).body, { points: 500 })
  })

  await t.test('503: activities are not said to be taken where nobody knows, and sent again they are duplicates', async t => {
    const sent: object[] = []
    const { answer, userId } = await loseAnswer('activities', async userId => {
      sent.push(done(userId), done(userId))
      return await send(sent)
    })
    t.equal(answer.status, 503)
    const again = await eventually(async () => await send([...sent, done(userId)]).then(answer => answer.status === 200 && answer))
    t.strictSame(again.body, { accepted: 1, duplicates: 2, rejected: [] })
  })
})

t.test('500: also where a refused claim should move on', async t => {
  const { call, db } = await startEventService(t)
  const eventId = await activeEvent(call, operator, { aggregation: 'count', activity: 'quest.cleared', target: 1 })
  const token = as('USER')
  const claim = async () => await call('POST', `/v1/events/${eventId}/claims`, { token })
  t.equal((await claim()).status, 409)
  await db.command({ collMod: 'claims', validator: { attempts: { $lt: 2 } } })
  t.hasStrict(await claim(), { status: 500, body: { code: 'INTERNAL_ERROR' } })
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

t.test('what the driver refuses before it sends anything is thrown as it is', async t => {
  const client = new MongoClient(mongoUri())
  await client.connect()
  await client.close()
  const activity = { sender: 'a', id: 'b', userId: 'c', type: 'quest.cleared', occurredAt: new Date() }
  await t.rejects(createActivityStore(client.db('none')).insert([[activity]]), { name: 'MongoNotConnectedError' })
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
