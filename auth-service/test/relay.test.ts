import t from 'tap'
import { startAuth, type AuthService } from '../../test/kit/auth.ts'
import { ownDatabase } from '../../test/kit/database.ts'
import { startEventStandIn, takesAll } from '../../test/kit/event-stand-in.ts'
import { eventually } from '../../test/kit/eventually.ts'
import { scratch } from '../../test/kit/scratch.ts'

const event = await startEventStandIn(t)
const database = ownDatabase(t, 'auth')
const env = { EVENT_URL: event.url, DATA_DIR: scratch(t) }
const auth = await startAuth(t, env, database)
t.beforeEach(() => { event.behave = takesAll })

/** Whether event-service has acknowledged what this session's login told. */
async function isDelivered ({ sessions }: AuthService, sessionId: string): Promise<boolean> {
  return await sessions.countDocuments({ _id: sessionId, outbox: { $exists: false }, outboxSince: { $exists: false } }) === 1
}

/** Lets a login look as if it had happened earlier, so that a test need not wait until it is tried again. */
async function age ({ sessions }: AuthService, sessionId: string): Promise<void> {
  await sessions.updateOne({ _id: sessionId }, { $set: { outboxSince: new Date(Date.now() - 60_000) } })
}

function deliveriesOf (sessionId: string) {
  return event.deliveries.filter(({ activities }) => activities.some(({ id }) => id === `login-${sessionId}`))
}

/** A door that event-service's answers wait at. */
function door () {
  let open = (): void => undefined
  const isOpen = new Promise<void>(resolve => { open = resolve })
  return { open, isOpen }
}

t.test('what a login has to tell reaches event-service before the login is answered', async t => {
  const { user, claims } = await auth.signIn('USER')
  const [delivery, ...others] = deliveriesOf(claims['sid'])
  t.equal(delivery?.path, 'POST /internal/activities')
  t.strictSame(delivery?.activities.map(({ type, userId }) => ({ type, userId })), [
    { type: 'user.login', userId: user.id }, { type: 'user.visited', userId: user.id }
  ])
  t.same(others, [])
  await eventually(async () => await isDelivered(auth, claims['sid']))
})

t.test('the session and what its login has to tell are one write', async t => {
  const { email } = await auth.register()
  const { operationTime } = await auth.db.command({ ping: 1 })
  const changes = auth.sessions.watch([], { startAtOperationTime: operationTime })
  t.teardown(async () => { await changes.close() })
  const { claims } = await auth.login(email)
  t.match(await changes.next(), {
    operationType: 'insert',
    fullDocument: { _id: claims['sid'], outbox: [{ id: `login-${claims['sid']}` }, { id: /^visit-\d+$/ }], outboxSince: Date }
  })
})

t.test('200: a slow event-service holds a login up for 300 ms and not longer', async t => {
  const { email } = await auth.register()
  const { open, isOpen } = door()
  event.behave = async delivery => {
    await isOpen
    return await takesAll(delivery)
  }
  const before = performance.now()
  const { claims } = await auth.login(email)
  const took = performance.now() - before
  t.ok(took >= 299 && took < 1900, `${took} ms: less than the attempt itself may take`)
  t.equal(deliveriesOf(claims['sid']).length, 1)
  t.equal(await isDelivered(auth, claims['sid']), false)
  open()
  await eventually(async () => await isDelivered(auth, claims['sid']))
})

for (const [what, status, body] of [
  ['answers 500', 500, {}],
  ['answers 401', 401, { rejected: [] }],
  ['rejects one of them', 200, { accepted: 1, duplicates: 0, rejected: [{ index: 1, code: 'OCCURRED_IN_FUTURE', detail: '…' }] }],
  ['answers what nobody understands', 200, 'gladly']
] as const) {
  t.test(`200: an event-service that ${what} spoils no login, and is told again until it has taken all`, async t => {
    const { email } = await auth.register()
    event.behave = async () => ({ status, body })
    const { claims } = await auth.login(email)
    await age(auth, claims['sid'])
    await eventually(async () => deliveriesOf(claims['sid']).length > 1)
    t.equal(await isDelivered(auth, claims['sid']), false)
    event.behave = takesAll
    await eventually(async () => await isDelivered(auth, claims['sid']))
    const [first, ...again] = deliveriesOf(claims['sid'])
    for (const { activities } of again) t.strictSame(activities, first?.activities, 'the same facts by the same names')
  })
}

t.test('a backlog is delivered oldest first, in requests that event-service takes, and each of it once', async t => {
  const backlog = Array.from({ length: 301 }, (_, index) => ({
    _id: `backlog-${index}`,
    userId: 'somebody',
    outbox: [1, 2, 3].map(part => ({ id: `backlog-${index}-${part}`, userId: 'somebody', type: 'user.login', occurredAt: new Date() })),
    outboxSince: new Date(Date.now() - 1_000_000 + index)
  }))
  const waiting = { _id: 'too-young', userId: 'somebody', outbox: [{ id: 'young' }], outboxSince: new Date(Date.now() + 3_600_000) }
  const seen = event.deliveries.length
  await auth.sessions.insertMany([waiting, ...backlog.toReversed()])
  await eventually(async () => await auth.sessions.countDocuments({ _id: /^backlog-/, outbox: { $exists: true } }) === 0)
  const requests = event.deliveries.slice(seen).map(({ activities }) => activities.map(({ id }) => String(id)))
  t.same(requests.map(({ length }) => length), [450, 450, 3])
  t.same(requests.flat(), backlog.flatMap(({ outbox }) => outbox.map(({ id }) => id)))
  t.equal(await isDelivered(auth, 'too-young'), false, 'a login of the last two seconds is left to its own attempt')
})

t.test('an auth-service that ends finishes the delivery that is under way, and what still waits survives its restart', async t => {
  const { email } = await auth.register()
  event.behave = async () => ({ status: 503, body: {} })
  const { claims } = await auth.login(email)
  const { open, isOpen } = door()
  event.behave = async delivery => {
    await isOpen
    return await takesAll(delivery)
  }
  await auth.sessions.insertOne({ _id: 'under-way', outbox: [{ id: 'login-under-way' }], outboxSince: new Date(0) })
  await eventually(async () => deliveriesOf('under-way').length > 0)
  // Long enough for everything else to end before it.
  setTimeout(open, 500)
  await auth.app.close()
  t.equal(await isDelivered(auth, 'under-way'), true)
  t.equal(await isDelivered(auth, claims['sid']), false)

  await age(auth, claims['sid'])
  const again = await startAuth(t, env, database)
  await eventually(async () => await isDelivered(again, claims['sid']))
  t.equal(deliveriesOf('under-way').length, 1)
})
