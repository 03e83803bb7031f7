import t from 'tap'
import { startAuth, type Session } from '../../../test/kit/servers/auth.ts'
import { takesAll } from '../../../test/kit/stand-ins/event-service.ts'
import { eventually } from '../../../test/kit/run/eventually.ts'
import { auth, clock, database, event, gate } from './shared.ts'

async function refresh (session: Session, { call } = auth): Promise<Session> {
  const { status, body } = await call('POST', '/v1/auth/refresh', { body: { refreshToken: session.refreshToken } })
  if (status !== 200) throw new Error(`refresh responded with ${status}`)
  return { ...session, token: body.accessToken, refreshToken: body.refreshToken }
}

/** Returns the activities of a user that event-service has received. */
function receivedOf ({ user }: Session): string[] {
  return event.deliveries
    .flatMap(({ activities }) => activities)
    .filter(({ userId }) => userId === user.id)
    .map(({ type, id, occurredAt }) => `${String(type)} ${String(id)} ${String(occurredAt)}`)
}

function visitsOf (session: Session): string[] {
  return receivedOf(session).filter(text => text.startsWith('user.visited ')).map(text => text.slice(13))
}

// The clock is ahead, so that the relay does not retry and each delivery depends on its own attempt.
t.test('a refresh reports a visit before it responds, once in each quarter of an hour', async t => {
  clock.now = new Date('2030-11-21T14:46:00Z')
  let session = await auth.signIn('USER')
  session = await refresh(session)
  clock.now = new Date('2030-11-21T14:59:59.999Z')
  session = await refresh(session)
  t.equal(visitsOf(session).length, 1, 'the login has reported this visit')
  clock.now = new Date('2030-11-21T15:00:00.000Z')
  session = await refresh(session)
  t.same(visitsOf(session), [
    `visit-${Date.parse('2030-11-21T14:45:00Z')} 2030-11-21T14:46:00.000Z`,
    `visit-${Date.parse('2030-11-21T15:00:00Z')} 2030-11-21T15:00:00.000Z`
  ])
  session = await refresh(session)
  t.equal(visitsOf(session).length, 2)
})

t.test('a visit shortly before midnight does not suppress the one shortly after it', async t => {
  // Midnight in Seoul (+09:00), in Mumbai (+05:30) and in Kathmandu (+05:45).
  for (const midnight of ['2030-11-21T15:00:00Z', '2030-11-21T18:30:00Z', '2030-11-21T18:15:00Z']) {
    clock.now = new Date(Date.parse(midnight) - 1)
    const session = await auth.signIn('USER')
    clock.now = new Date(midnight)
    await auth.login(session.user.email)
    const times = visitsOf(session).map(visit => visit.split(' ')[1])
    t.same(times, [new Date(Date.parse(midnight) - 1).toISOString(), new Date(midnight).toISOString()], midnight)
  }
})

t.test('two sessions of a user report the same visit under the same id', async t => {
  clock.now = new Date('2030-11-21T14:46:00Z')
  const one = await auth.signIn('USER')
  const two = await auth.login(one.user.email)
  clock.now = new Date('2030-11-21T15:01:00Z')
  await Promise.all([refresh(one), refresh(two)])
  t.equal(new Set(visitsOf(one)).size, 2, 'the visit of the logins and the visit of the refreshes')
})

t.test('a visit that cannot be delivered is kept with the activities of the login, and none is lost', async t => {
  event.behave = async () => ({ status: 503, body: {} })
  clock.now = new Date('2030-11-21T14:46:00Z')
  let session = await auth.signIn('USER')
  clock.now = new Date('2030-11-21T15:02:00Z')
  session = await refresh(session)
  const sid = session.claims['sid']
  const types = async () => {
    const stored = await auth.sessions.findOne({ _id: sid })
    return stored?.['outbox']?.map(({ type }: { type: string }) => type)
  }
  t.same(await types(), ['user.login', 'user.visited', 'user.visited'])
  event.behave = takesAll
  await auth.sessions.updateOne({ _id: sid }, { $set: { outboxSince: new Date(0) } })
  await eventually(async () => await types() === undefined)
  t.equal(new Set(receivedOf(session)).size, 3)
})

t.test('a visit that is added while older activities are being sent is not marked as delivered', async t => {
  let arrived = (): void => undefined
  let answer = (): void => undefined
  const hasArrived = new Promise<void>(resolve => { arrived = resolve })
  const mayAnswer = new Promise<void>(resolve => { answer = resolve })
  event.behave = async delivery => {
    arrived()
    await mayAnswer
    return await takesAll(delivery)
  }
  // This request does not wait for the response of event-service.
  const env = { AUTH_MONGODB_URI: gate.uri, EVENT_URL: event.url, DATA_DIR: String(auth.env['DATA_DIR']) }
  const hasty = await startAuth(t, env, database, { now: () => clock.now ?? new Date() })
  clock.now = new Date('2030-11-21T14:46:00Z')
  const session = await hasty.signIn('USER')
  const sid = session.claims['sid']
  await hasArrived
  clock.now = new Date('2030-11-21T15:02:00Z')
  event.behave = async () => ({ status: 503, body: {} })
  await refresh(session, hasty)
  const { reached, open } = gate.hold('update', 'sessions')
  answer()
  await reached
  open()

  const accepted = new Set<unknown>()
  event.behave = async delivery => {
    for (const { userId, id } of delivery.activities) if (userId === session.user.id) accepted.add(id)
    return await takesAll(delivery)
  }
  await auth.sessions.updateOne({ _id: sid }, { $set: { outboxSince: new Date(0) } })
  await eventually(async () => (await auth.sessions.findOne({ _id: sid }))?.['outbox'] === undefined)
  t.equal(accepted.size, 3)
})
