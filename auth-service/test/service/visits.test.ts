import t from 'tap'
import type { Session } from '../../../test/kit/servers/auth.ts'
import { takesAll } from '../../../test/kit/stand-ins/event-service.ts'
import { eventually } from '../../../test/kit/run/eventually.ts'
import { auth, event, gate } from './shared.ts'

async function refresh (session: Session): Promise<Session> {
  const { status, body } = await auth.call('POST', '/v1/auth/refresh', { body: { refreshToken: session.refreshToken } })
  if (status !== 200) throw new Error(`refresh answered ${status}`)
  return { ...session, token: body.accessToken, refreshToken: body.refreshToken }
}

/** Moves the beginning of the last visit into the past. */
async function age ({ user }: Session, minutes: number): Promise<void> {
  const visitedAt = new Date(Date.now() - minutes * 60_000)
  await auth.users.updateOne({ _id: user.id }, { $set: { visitedAt } })
}

/** Returns the activities of a user that event-service has received. */
function receivedOf ({ user }: Session): string[] {
  return event.deliveries
    .flatMap(({ activities }) => activities)
    .filter(({ userId }) => userId === user.id)
    .map(({ type, id }) => `${String(type)} ${String(id)}`)
}

t.test('a refresh reports a visit before it is answered, at most once in 15 minutes', async t => {
  let session = await auth.signIn('USER')
  const [, first = ''] = receivedOf(session)
  session = await refresh(session)
  session = await refresh(session)
  t.same(receivedOf(session).slice(1), [first], 'the login has reported this visit')
  await age(session, 15)
  session = await refresh(session)
  t.equal(receivedOf(session).length, 3)
  const second = receivedOf(session).at(-1)
  t.match(second, /^user\.visited visit-\d+$/)
  t.not(second, first)
  await refresh(session)
  t.equal(receivedOf(session).length, 3)
})

t.test('two sessions of a user report the same visit under the same id', async t => {
  const one = await auth.signIn('USER')
  const two = await auth.login(one.user.email)
  await age(one, 20)
  await Promise.all([refresh(one), refresh(two)])
  const visits = receivedOf(one).filter(text => text.startsWith('user.visited'))
  t.equal(new Set(visits).size, 2, 'the visit of the logins and the visit of the refreshes')
})

t.test('a visit that cannot be delivered waits with the activities of the login, and none is lost', async t => {
  event.behave = async () => ({ status: 503, body: {} })
  let session = await auth.signIn('USER')
  await age(session, 16)
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
  const session = await auth.signIn('USER')
  const sid = session.claims['sid']
  await hasArrived
  await age(session, 16)
  event.behave = async () => ({ status: 503, body: {} })
  await refresh(session)
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
