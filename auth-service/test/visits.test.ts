import t from 'tap'
import { startAuth, type Session } from '../../test/kit/auth.ts'
import { startEventStandIn, takesAll } from '../../test/kit/event-stand-in.ts'
import { eventually } from '../../test/kit/eventually.ts'

const event = await startEventStandIn(t)
const auth = await startAuth(t, { EVENT_URL: event.url })
t.beforeEach(() => { event.behave = takesAll })

async function refresh (session: Session): Promise<Session> {
  const { status, body } = await auth.call('POST', '/v1/auth/refresh', { body: { refreshToken: session.refreshToken } })
  if (status !== 200) throw new Error(`refresh answered ${status}`)
  return { ...session, token: body.accessToken, refreshToken: body.refreshToken }
}

/** Lets the visit of a user have begun so many minutes ago. */
async function age ({ user }: Session, minutes: number): Promise<void> {
  await auth.users.updateOne({ _id: user.id }, { $set: { visitedAt: new Date(Date.now() - minutes * 60_000) } })
}

function toldOf ({ user }: Session): string[] {
  return event.deliveries.flatMap(({ activities }) => activities).filter(({ userId }) => userId === user.id).map(({ type, id }) => `${String(type)} ${String(id)}`)
}

t.test('a refresh is a visit, told before it is answered, and at most one in 15 minutes', async t => {
  let session = await auth.signIn('USER')
  const [, first = ''] = toldOf(session)
  session = await refresh(session)
  session = await refresh(session)
  t.same(toldOf(session).slice(1), [first], 'the login has told this visit')
  await age(session, 15)
  session = await refresh(session)
  t.equal(toldOf(session).length, 3)
  const second = toldOf(session).at(-1)
  t.match(second, /^user\.visited visit-\d+$/)
  t.not(second, first)
  await refresh(session)
  t.equal(toldOf(session).length, 3)
})

t.test('two sessions of a user name the same visit by the same id', async t => {
  const one = await auth.signIn('USER')
  const two = await auth.login(one.user.email)
  await age(one, 20)
  await Promise.all([refresh(one), refresh(two)])
  const told = toldOf(one).filter(text => text.startsWith('user.visited'))
  t.equal(new Set(told).size, 2, 'that of the logins and that of the refreshes')
})

t.test('a visit that cannot be told waits with what the login had to tell, and nothing of it is lost', async t => {
  event.behave = async () => ({ status: 503, body: {} })
  let session = await auth.signIn('USER')
  await age(session, 16)
  session = await refresh(session)
  const sid = session.claims['sid']
  const types = async () => (await auth.sessions.findOne({ _id: sid }))?.['outbox']?.map(({ type }: { type: string }) => type)
  t.same(await types(), ['user.login', 'user.visited', 'user.visited'])
  event.behave = takesAll
  await auth.sessions.updateOne({ _id: sid }, { $set: { outboxSince: new Date(0) } })
  await eventually(async () => await types() === undefined)
  t.equal(new Set(toldOf(session)).size, 3)
})

t.test('a visit that comes while older activities are on their way is not taken for delivered', async t => {
  let arrived = (): void => undefined
  let answer = (): void => undefined
  const isThere = new Promise<void>(resolve => { arrived = resolve })
  const mayAnswer = new Promise<void>(resolve => { answer = resolve })
  event.behave = async delivery => {
    arrived()
    await mayAnswer
    return await takesAll(delivery)
  }
  const session = await auth.signIn('USER')
  await isThere
  await age(session, 16)
  event.behave = async () => ({ status: 503, body: {} })
  await refresh(session)
  answer()
  await new Promise(resolve => setTimeout(resolve, 300))
  t.match(await auth.sessions.findOne({ _id: session.claims['sid'] }), { outbox: { length: 3 } })
})
