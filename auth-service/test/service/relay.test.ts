import t from 'tap'
import { longTimeouts, startAuth, type AuthService } from '../../../test/kit/servers/auth.ts'
import { ownDatabase } from '../../../test/kit/mongo/database.ts'
import { startEventStandIn, takesAll } from '../../../test/kit/stand-ins/event-service.ts'
import { eventually } from '../../../test/kit/run/eventually.ts'
import { createDoor } from '../../../test/kit/run/door.ts'
import { fastest } from '../../../test/kit/run/fastest.ts'
import { scratch } from '../../../test/kit/run/scratch.ts'

const event = await startEventStandIn(t)
const database = ownDatabase(t, 'auth')
const env = { EVENT_URL: event.url, DATA_DIR: scratch(t) }
const auth = await startAuth(t, env, database, longTimeouts)
t.beforeEach(() => { event.behave = takesAll })

/** Returns whether event-service has acknowledged the activities of a session. */
async function isDelivered ({ sessions }: AuthService, sessionId: string): Promise<boolean> {
  const delivered = { _id: sessionId, outbox: { $exists: false }, outboxSince: { $exists: false } }
  return await sessions.countDocuments(delivered) === 1
}

/** Moves a login into the past, so a test does not wait until the relay retries it. */
async function age ({ sessions }: AuthService, sessionId: string): Promise<void> {
  await sessions.updateOne({ _id: sessionId }, { $set: { outboxSince: new Date(Date.now() - 60_000) } })
}

function deliveriesOf (sessionId: string) {
  return event.deliveries.filter(({ activities }) => activities.some(({ id }) => id === `login-${sessionId}`))
}

t.test('the activities of a login reach event-service before the login responds', async t => {
  const { user, claims } = await auth.signIn('USER')
  const [delivery, ...others] = deliveriesOf(claims['sid'])
  t.equal(delivery?.path, 'POST /internal/activities')
  t.strictSame(delivery?.activities.map(({ type, userId }) => ({ type, userId })), [
    { type: 'user.login', userId: user.id }, { type: 'user.visited', userId: user.id }
  ])
  t.same(others, [])
  await eventually(async () => await isDelivered(auth, claims['sid']))
})

t.test('a session and the activities of its login are one write', async t => {
  const { email } = await auth.register()
  const { operationTime } = await auth.db.command({ ping: 1 })
  const changes = auth.sessions.watch([], { startAtOperationTime: operationTime })
  t.teardown(async () => { await changes.close() })
  const { claims } = await auth.login(email)
  t.match(await changes.next(), {
    operationType: 'insert',
    fullDocument: {
      _id: claims['sid'],
      outbox: [{ id: `login-${claims['sid']}` }, { id: /^visit-\d+$/ }],
      outboxSince: Date
    }
  })
})

t.test('200: a slow event-service delays a login by 300 ms at most', async t => {
  // Only the first attempt delivers, unless a login is aged.
  const other = await startAuth(t, env, ownDatabase(t, 'auth'), { relay: { minAge: 3_600_000 } })
  const { email } = await other.register()
  const { open, isOpen } = createDoor()
  event.behave = async delivery => {
    await isOpen
    return await takesAll(delivery)
  }
  const sids: string[] = []
  const took = await fastest(async () => { sids.push((await other.login(email)).claims['sid']) })
  t.ok(took >= 299 && took < 1900, `${took} ms, less than the timeout of the attempt`)
  for (const sid of sids) {
    t.equal(deliveriesOf(sid).length, 1)
    t.equal(await isDelivered(other, sid), false)
  }
  open()
  await other.sessions.updateMany({}, { $set: { outboxSince: new Date(0) } })
  for (const sid of sids) await eventually(async () => await isDelivered(other, sid))
})

for (const [what, status, body] of [
  ['responds with 500', 500, {}],
  ['responds with 401', 401, { rejected: [] }],
  [
    'rejects one of them',
    200,
    { accepted: 1, duplicates: 0, rejected: [{ index: 1, code: 'OCCURRED_IN_FUTURE', detail: '…' }] }
  ],
  ['responds without the expected properties', 200, 'gladly']
] as const) {
  t.test(`200: a login succeeds if event-service ${what}, and the delivery is retried until it succeeds`, async t => {
    const { email } = await auth.register()
    event.behave = async () => ({ status, body })
    const { claims } = await auth.login(email)
    await age(auth, claims['sid'])
    await eventually(async () => deliveriesOf(claims['sid']).length > 1)
    t.equal(await isDelivered(auth, claims['sid']), false)
    event.behave = takesAll
    await eventually(async () => await isDelivered(auth, claims['sid']))
    const [first, ...again] = deliveriesOf(claims['sid'])
    for (const { activities } of again) t.strictSame(activities, first?.activities, 'the same activities')
  })
}

t.test('a backlog is delivered once, oldest first, in requests of at most 500 activities', async t => {
  const activity = (id: string) => ({ id, userId: 'somebody', type: 'user.login', occurredAt: new Date() })
  const backlog = Array.from({ length: 301 }, (_, index) => ({
    _id: `backlog-${index}`,
    userId: 'somebody',
    outbox: [1, 2, 3].map(part => activity(`backlog-${index}-${part}`)),
    outboxSince: new Date(Date.now() - 1_000_000 + index)
  }))
  const outboxSince = new Date(Date.now() + 3_600_000)
  const waiting = { _id: 'too-young', userId: 'somebody', outbox: [{ id: 'young' }], outboxSince }
  const seen = event.deliveries.length
  // The relay sees all of them or none.
  await database.client.withSession(async session => await session.withTransaction(async () => {
    await auth.sessions.insertMany([waiting, ...backlog.toReversed()], { session })
  }))
  const undelivered = { _id: /^backlog-/, outbox: { $exists: true } }
  await eventually(async () => await auth.sessions.countDocuments(undelivered) === 0)
  const requests = event.deliveries.slice(seen).map(({ activities }) => activities.map(({ id }) => String(id)))
  t.same(requests.map(({ length }) => length), [450, 450, 3])
  t.same(requests.flat(), backlog.flatMap(({ outbox }) => outbox.map(({ id }) => id)))
  t.equal(await isDelivered(auth, 'too-young'), false, 'a recent login makes its own attempt')
})

t.test('activities that event-service rejects do not delay others, in the same request or after it', async t => {
  const entry = (name: string, index: number) => ({
    _id: `${name}-${index}`,
    userId: 'somebody',
    outbox: [1, 2].map(part => ({ id: `${name}-${index}-${part}`, userId: 'somebody', type: 'user.login' })),
    outboxSince: new Date(Date.now() - 1_000_000 + index)
  })
  const isBad = ({ id }: Readonly<Record<string, unknown>>): boolean => /^bad-\d+-2$/.test(String(id))
  event.behave = async ({ activities }) => {
    const rejected = activities.flatMap((activity, index) =>
      isBad(activity) ? [{ index, code: 'OCCURRED_IN_FUTURE' }] : [])
    return { status: 200, body: { accepted: activities.length - rejected.length, duplicates: 0, rejected } }
  }
  // All activities of the first request are rejected, and half of the later ones.
  const bad = Array.from({ length: 200 }, (_, index) => entry('bad', index < 150 ? index : 2 * index))
  const good = Array.from({ length: 100 }, (_, index) => entry('good', 301 + 2 * index))
  await auth.sessions.insertMany([...bad, ...good])
  const waiting = async (name: string): Promise<number> =>
    await auth.sessions.countDocuments({ _id: { $regex: `^${name}-` }, outbox: { $exists: true } })
  await eventually(async () => await waiting('good') === 0)
  t.equal(await waiting('bad'), 200)
  event.behave = takesAll
  await eventually(async () => await waiting('bad') === 0)
})

t.test('a graceful shutdown finishes the delivery in progress, and pending activities survive a restart', async t => {
  const { email } = await auth.register()
  event.behave = async () => ({ status: 503, body: {} })
  const { claims } = await auth.login(email)
  const { open, isOpen } = createDoor()
  event.behave = async delivery => {
    await isOpen
    return await takesAll(delivery)
  }
  await auth.sessions.insertOne({ _id: 'under-way', outbox: [{ id: 'login-under-way' }], outboxSince: new Date(0) })
  await eventually(async () => deliveriesOf('under-way').length > 0)
  const closed = auth.app.close()
  // The delivery continues during the shutdown.
  setImmediate(open)
  await closed
  t.equal(await isDelivered(auth, 'under-way'), true)
  t.equal(await isDelivered(auth, claims['sid']), false)

  await age(auth, claims['sid'])
  const again = await startAuth(t, env, database, longTimeouts)
  await eventually(async () => await isDelivered(again, claims['sid']))
  t.equal(deliveriesOf('under-way').length, 1)
})
