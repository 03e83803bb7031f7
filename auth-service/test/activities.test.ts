import t from 'tap'
import { startAuth, type Stored } from '../../test/kit/auth.ts'
import { startEventService } from '../../test/kit/event-service.ts'
import { startEventStandIn, type EventStandIn } from '../../test/kit/event-stand-in.ts'
import { eventually } from '../../test/kit/eventually.ts'

// A line to the real event-service that a test can listen on and break.
const line = await startEventStandIn(t)
const auth = await startAuth(t, { EVENT_URL: line.url })
const event = await startEventService(t, { AUTH_URL: auth.url })
const through: EventStandIn['behave'] = async ({ token, activities }) => await event.call('POST', '/internal/activities', { token, body: { activities } })
t.beforeEach(() => { line.behave = through })

/** What event-service counts of a user, in the order in which it happened, once nothing of theirs waits any more. */
async function countedOf (userId: string, senders = [userId]) {
  await eventually(async () => await auth.sessions.countDocuments({ userId: { $in: senders }, outbox: { $exists: true } }) === 0)
  return await event.db.collection<Stored>('activities').find({ userId }).sort({ occurredAt: 1, type: 1 }).toArray()
}

const typesOf = (activities: Stored[]): unknown[] => activities.map(({ type }) => type)

t.test('user.login is counted for every login, and user.visited once', async t => {
  const { id, email } = await auth.register()
  for (let login = 0; login < 3; login++) await auth.login(email)
  t.same(typesOf(await countedOf(id)).sort(), ['user.login', 'user.login', 'user.login', 'user.visited'])
})

t.test('user.visited is counted once for ten logins at the same instant', async t => {
  const { id, email } = await auth.register()
  await Promise.all(Array.from({ length: 10 }, async () => await auth.login(email)))
  t.same(typesOf(await countedOf(id)).sort(), [...Array.from({ length: 10 }, () => 'user.login'), 'user.visited'])
})

t.test('user.visited is counted again 15 minutes after the visit began, and not earlier', async t => {
  const { id, email } = await auth.register()
  /** When the visits began that event-service knows, after a login in a visit that began so many minutes ago. */
  async function visitsAfter (minutes: number, login = new Date()): Promise<{ began: Date, login: Date, visits: Date[] }> {
    const began = new Date(login.getTime() - minutes * 60_000)
    await auth.users.updateOne({ _id: id }, { $set: { visitedAt: began } })
    await auth.login(email)
    const visits = (await countedOf(id)).filter(({ type }) => type === 'user.visited')
    return { began, login, visits: visits.map(({ occurredAt }) => occurredAt) }
  }
  const early = await visitsAfter(14)
  t.strictSame(early.visits, [early.began], 'a login of the same visit tells when it began')
  const late = await visitsAfter(15)
  t.equal(late.visits.length, 2)
  t.ok(late.visits[1] !== undefined && late.visits[1] >= late.login, 'a new visit begins now')
})

t.test('friend.invited is counted once, for the friend, at the first login of whom they invited', async t => {
  const friend = await auth.register()
  const invited = await auth.register({ referralCode: friend.referralCode })
  const alone = await auth.register()
  const others = [friend.id, invited.id, alone.id]
  await auth.login(alone.email)
  t.same(await countedOf(friend.id, others), [], 'registering alone is no invitation that worked')

  await auth.login(invited.email)
  const first = await auth.sessions.findOne({ userId: invited.id })
  t.match(await countedOf(friend.id, others), [{ type: 'friend.invited', data: { inviteeId: invited.id }, occurredAt: first?.['createdAt'] }])
  for (let login = 0; login < 2; login++) await auth.login(invited.email)
  t.equal((await countedOf(friend.id, others)).length, 1, 'later logins add nothing')
  t.equal((await countedOf(invited.id)).filter(({ type }) => type === 'friend.invited').length, 0)

  const second = await auth.register({ referralCode: friend.referralCode })
  await auth.login(second.email)
  t.same((await countedOf(friend.id, [...others, second.id])).map(({ data }) => data.inviteeId), [invited.id, second.id])
})

t.test('an invitation is not lost where the first login was cut off before it told anything', async t => {
  const friend = await auth.register()
  const invited = await auth.register({ referralCode: friend.referralCode })
  const firstLoginAt = new Date('2026-01-01T00:00:00.000Z')
  await auth.users.updateOne({ _id: invited.id }, { $set: { firstLoginAt } })
  await auth.login(invited.email)
  t.match(await countedOf(friend.id, [invited.id]), [{ type: 'friend.invited', occurredAt: firstLoginAt }])
})

t.test('a delivery whose answer is lost is made again and counted once', async t => {
  const { id, email } = await auth.register()
  line.behave = async delivery => {
    await through(delivery)
    return { status: 502, body: {} }
  }
  const { claims } = await auth.login(email)
  t.equal(await event.db.collection('activities').countDocuments({ userId: id }), 2, 'it has arrived')
  t.match(await auth.sessions.findOne({ _id: claims['sid'] }), { outbox: { length: 2 } }, 'and auth-service does not know')

  line.behave = through
  await auth.sessions.updateOne({ _id: claims['sid'] }, { $set: { outboxSince: new Date(0) } })
  t.same(typesOf(await countedOf(id)), ['user.login', 'user.visited'])
})

t.test('401: /internal/activities takes auth-service\'s own token and no access token, an ADMIN\'s neither', async t => {
  const { token, user } = await auth.signIn('ADMIN')
  const body = { activities: [{ id: 'forged', userId: user.id, type: 'user.login' }] }
  t.match(await event.call('POST', '/internal/activities', { token, body }), { status: 401, body: { code: 'UNAUTHENTICATED' } })
  t.match(await event.call('POST', '/internal/activities', { body }), { status: 401 })
  t.match(await event.call('POST', '/internal/activities', { token: line.deliveries.at(-1)?.token ?? '', body }), { status: 200, body: { accepted: 1 } })
})

t.test('401: auth-service\'s own token opens nothing else at event-service', async t => {
  await auth.signIn('ADMIN')
  const token = line.deliveries.at(-1)?.token ?? ''
  for (const [method, path] of [['GET', '/v1/events'], ['POST', '/v1/events'], ['GET', '/v1/claims'], ['POST', '/v1/activities']] as const) {
    t.match(await event.call(method, path, { token }), { status: 401 }, `${method} ${path}`)
  }
})
