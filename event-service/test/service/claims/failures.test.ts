import { MongoClient } from 'mongodb'
import t from 'tap'
import type { Answer } from '../../../../test/kit/http/client.ts'
import { mongoUri, ownDatabase } from '../../../../test/kit/mongo/database.ts'
import { activeEvent, runningEvent } from '../../../../test/kit/servers/events.ts'
import { eventually } from '../../../../test/kit/run/eventually.ts'
import { as, newUserId, startEventService, type Row } from '../../../../test/kit/servers/event-service.ts'
import { startMongoLine } from '../../../../test/kit/mongo/line.ts'
import { createActivityStore } from '../../../src/stores/activities.ts'

const operator = as('OPERATOR')
const points = { type: 'POINT', name: 'Points', amount: 1 }
const { call, db } = await startEventService(t)
const activityOf = (userId: string) => ({ id: newUserId(), userId, type: 'quest.cleared' })

t.test('while MongoDB is unreachable', async t => {
  const { uri, name, client } = ownDatabase(t, 'line')
  const line = await startMongoLine(t, uri)
  const { call } = await startEventService(t, { EVENT_MONGODB_URI: line.uri }, 1, { mongoTimeout: 1000 })
  const eventId = await activeEvent(call, operator)
  const { body: draft } = await call('POST', '/v1/events', { token: operator, body: runningEvent() })
  const draftPath = `/v1/events/${draft.id as string}`
  const sender = as('ADMIN')
  const send = async (activities: readonly object[]) =>
    await call('POST', '/v1/activities', { token: sender, body: { activities } })
  const claim = async (userId: string) => await call('POST', `/v1/events/${eventId}/claims`, {
    token: as('USER', userId), headers: { 'idempotency-key': 'mine' }
  })

  /** Sends a request whose response from MongoDB is lost. Calls `breakLine` once MongoDB has written the row. */
  async function loseAnswer (
    collection: string, request: (userId: string) => Promise<Answer>, breakLine: () => void
  ): Promise<{ answer: Answer, userId: string }> {
    const userId = newUserId()
    line.loseAnswersTo('insert')
    const answering = request(userId)
    await eventually(async () => await client.db(name).collection(collection).findOne({ userId }))
    breakLine()
    const answer = await answering
    line.mend()
    return { answer, userId }
  }

  await t.test('503 with Retry-After: every operation fails, without the message of the driver', async t => {
    const requests = [
      ['POST', '/v1/events', operator, runningEvent()],
      ['GET', '/v1/events', operator],
      ['GET', `/v1/events/${eventId}`, operator],
      ['PATCH', draftPath, operator, { name: 'Other' }],
      ['POST', `${draftPath}/rewards`, operator, points],
      ['POST', `/v1/events/${eventId}/claims`, as('USER')],
      ['GET', `/v1/events/${eventId}/progress`, as('USER')],
      ['GET', '/v1/claims', operator],
      ['GET', '/v1/claims/some', operator],
      ['GET', '/v1/users/me/wallet', as('USER')],
      ['POST', '/v1/activities', as('ADMIN'), { activities: [activityOf(newUserId())] }]
    ] as const
    line.cut()
    await eventually(async () => (await call('GET', '/health/ready')).status === 503)
    const answers = await Promise.all([
      ...requests.map(async ([method, path, token, body]) => await call(method, path, { token, body })),
      call('GET', '/health/ready')
    ])
    const live = await call('GET', '/health/live')
    line.mend()
    for (const [index, { status, headers, body }] of answers.entries()) {
      const operation = requests[index]?.slice(0, 2).join(' ') ?? 'ready'
      t.strictSame([status, headers.get('retry-after')], [503, '1'], operation)
      t.notMatch(JSON.stringify(body), /127\.0\.0\.1|Mongo|connect/)
    }
    t.equal(live.status, 200)
    await eventually(async () => (await call('GET', '/health/ready')).status === 200)
  })

  await t.test('201: the driver retries a write whose response was lost, and the claim is granted once', async t => {
    const { answer, userId } = await loseAnswer('claims', claim, line.drop)
    t.hasStrict(answer, { status: 201, body: { status: 'GRANTED', userId, attempts: 1 } })
    t.equal(answer.headers.get('idempotent-replayed'), null)
    t.hasStrict((await call('GET', `/v1/users/${userId}/wallet`, { token: operator })).body, { points: 500 })
  })

  await t.test('201: if the driver fails too, a retry with the same Idempotency-Key gets the one grant', async t => {
    const { answer, userId } = await loseAnswer('claims', claim, line.cut)
    t.equal(answer.status, 503)
    const again = await eventually(async () => await claim(userId).then(answer => answer.status !== 503 && answer))
    t.hasStrict(again, { status: 201, body: { status: 'GRANTED', userId, attempts: 1 } })
    t.equal(again.headers.get('idempotent-replayed'), 'true')
    t.hasStrict((await call('GET', `/v1/users/${userId}/wallet`, { token: operator })).body, { points: 500 })
  })

  await t.test('503: activities whose write was not acknowledged are duplicates when they are sent again', async t => {
    const sent: object[] = []
    const { answer, userId } = await loseAnswer('activities', async userId => {
      sent.push(activityOf(userId), activityOf(userId))
      return await send(sent)
    }, line.cut)
    t.equal(answer.status, 503)
    const again = await eventually(async () =>
      await send([...sent, activityOf(userId)]).then(answer => answer.status === 200 && answer))
    t.strictSame(again.body, { accepted: 1, duplicates: 2, rejected: [] })
  })
})

t.test('500: an unexpected error of MongoDB becomes an internal error without its message', async t => {
  const unmet = await activeEvent(call, operator, { aggregation: 'count', activity: 'quest.cleared', target: 1 })
  const token = as('USER')
  t.equal((await call('POST', `/v1/events/${unmet}/claims`, { token })).status, 409)
  await db.command({ collMod: 'claims', validator: { attempts: { $lt: 2 } } })
  t.hasStrict(
    await call('POST', `/v1/events/${unmet}/claims`, { token }),
    { status: 500, body: { code: 'INTERNAL_ERROR' } },
    'also for a claim that had been refused'
  )

  const eventId = await activeEvent(call, operator)
  const setValidators = async (validator: object): Promise<void> => {
    for (const collMod of ['events', 'claims', 'activities']) await db.command({ collMod, validator })
  }
  await setValidators({ neverThere: true })
  t.teardown(async () => { await setValidators({}) })
  const requests = [
    ['/v1/events', operator, runningEvent()],
    [`/v1/events/${eventId}/claims`, as('USER'), {}],
    ['/v1/activities', as('ADMIN'), { activities: [activityOf('a'), activityOf('b')] }]
  ] as const
  for (const [path, token, body] of requests) {
    const answer = await call('POST', path, { token, body, headers: { 'idempotency-key': 'a key' } })
    t.hasStrict(answer, { status: 500, body: { status: 500, code: 'INTERNAL_ERROR' } }, path)
    t.match(answer.body.detail, /^Internal error\.?$/)
    t.notOk('errors' in answer.body)
  }
  t.equal(await db.collection('activities').countDocuments(), 0)
})

t.test('an error of the driver before anything was sent is not hidden', async t => {
  const client = new MongoClient(mongoUri())
  await client.connect()
  await client.close()
  const activity = { sender: 'a', id: 'b', userId: 'c', type: 'quest.cleared', occurredAt: new Date() }
  const store = createActivityStore(client.db('none'), () => undefined)
  await t.rejects(store.insert([[activity]]), { name: 'MongoNotConnectedError' })
})

t.test('a write that collides with a write that is not visible yet', async t => {
  const claims = db.collection<Row>('claims')
  const first = await activeEvent(call, operator)
  const second = await activeEvent(call, operator)
  const claim = async (eventId: string, token: string) =>
    await call('POST', `/v1/events/${eventId}/claims`, { token })
  const retry = { status: 503, body: { code: 'SERVICE_UNAVAILABLE' } }
  // A second unique index simulates replication lag: a collision with a row that is not visible to reads.
  await claims.createIndex({ userId: 1 }, { unique: true, name: 'hidden' })
  const userId = newUserId()
  const token = as('USER', userId)

  await t.test('503: the claim is rejected if the other write does not become visible', async t => {
    t.equal((await claim(first, token)).status, 201)
    const answer = await claim(second, token)
    t.hasStrict(answer, retry)
    t.equal(answer.headers.get('retry-after'), '1')
    t.equal(await claims.countDocuments({ eventId: second }), 0)
  })

  await t.test('409: the claim waits for the other write, and returns it', async t => {
    await db.command({ profile: 2 })
    const waiting = claim(second, token)
    const searches = { op: 'query', 'command.find': 'claims', 'command.filter._id.$in': `${second}_${userId}_EVENT` }
    await eventually(async () => await db.collection('system.profile').countDocuments(searches) >= 2)
    await db.command({ profile: 0 })
    await claims.dropIndex('hidden')
    const winner = await claim(second, token)
    t.equal(winner.status, 201)
    t.hasStrict(await waiting, { status: 409, body: { code: 'ALREADY_CLAIMED', claim: winner.body } })
  })

  await t.test('503: the same applies to the creation of an event with an Idempotency-Key', async t => {
    const partialFilterExpression = { description: 'hidden' }
    await db.collection('events').createIndex({ name: 1 }, { unique: true, partialFilterExpression })
    const create = async (headers = {}) =>
      await call('POST', '/v1/events', { token: operator, body: runningEvent(null, partialFilterExpression), headers })
    t.equal((await create()).status, 201)
    t.hasStrict(await create({ 'idempotency-key': 'a key' }), retry)
    t.hasStrict(await create(), { status: 500 }, 'without a key, nothing can collide')
  })
})
