import t from 'tap'
import { adminEmail, longTimeouts, password, startAuth, type Stored } from '../../../test/kit/servers/auth.ts'
import { ownDatabase } from '../../../test/kit/mongo/database.ts'
import { startEventService } from '../../../test/kit/servers/event-service.ts'
import { startEventStandIn, type EventStandIn } from '../../../test/kit/stand-ins/event-service.ts'
import { eventually } from '../../../test/kit/run/eventually.ts'

// A connection to the real event-service that a test can observe and break.
const line = await startEventStandIn(t)
const clock: { now?: Date | undefined } = {}
const now = (): Date => clock.now ?? new Date()
const auth = await startAuth(t, { EVENT_URL: line.url }, ownDatabase(t, 'auth'), { ...longTimeouts, now })
const event = await startEventService(t, { AUTH_URL: auth.url })
const forward: EventStandIn['behave'] = async ({ path, token, body }) =>
  await event.call('POST', path.replace('POST ', ''), { token, body })
t.beforeEach(() => {
  line.behave = forward
  clock.now = undefined
})

const quarterHour = 15 * 60_000

/** Returns the stored activities of a user, in order, once the senders have no pending activities. */
async function storedActivities (userId: string, senders = [userId]) {
  const waiting = { userId: { $in: senders }, outbox: { $exists: true } }
  await eventually(async () => await auth.sessions.countDocuments(waiting) === 0)
  const activities = event.db.collection<Stored>('activities')
  return await activities.find({ userId }).sort({ occurredAt: 1, type: 1 }).toArray()
}

const typesOf = (activities: Stored[]): unknown[] => activities.map(({ type }) => type)

t.test('user.login counts once per login, and user.visited once per visit', async t => {
  clock.now = new Date()
  const { id, email } = await auth.register()
  for (let login = 0; login < 3; login++) await auth.login(email)
  t.same(typesOf(await storedActivities(id)).sort(), ['user.login', 'user.login', 'user.login', 'user.visited'])
})

t.test('user.visited counts once for ten concurrent logins', async t => {
  clock.now = new Date()
  const { id, email } = await auth.register()
  await Promise.all(Array.from({ length: 10 }, async () => await auth.login(email)))
  const types = typesOf(await storedActivities(id)).sort()
  t.same(types, [...Array.from({ length: 10 }, () => 'user.login'), 'user.visited'])
})

t.test('user.visited counts again in the next quarter hour, but not earlier', async t => {
  const { id, email } = await auth.register()
  const visits = async () => (await storedActivities(id)).filter(({ type }) => type === 'user.visited')
    .map(({ occurredAt }): string => occurredAt.toISOString())
  clock.now = new Date(Math.floor(Date.now() / quarterHour) * quarterHour - quarterHour)
  const first = clock.now.toISOString()
  await auth.login(email)
  clock.now = new Date(clock.now.getTime() + quarterHour - 1)
  await auth.login(email)
  t.same(await visits(), [first], 'a login in the same visit reports the start of the visit')
  clock.now = new Date(clock.now.getTime() + 1)
  await auth.login(email)
  t.same(await visits(), [first, clock.now.toISOString()])
})

t.test('friend.invited counts once, for the friend, at the first login of the invitee', async t => {
  const friend = await auth.register()
  const invited = await auth.register({ referralCode: friend.referralCode })
  const alone = await auth.register()
  const others = [friend.id, invited.id, alone.id]
  await auth.login(alone.email)
  t.same(await storedActivities(friend.id, others), [], 'a registration alone does not count')

  await auth.login(invited.email)
  const first = await auth.sessions.findOne({ userId: invited.id })
  t.match(await storedActivities(friend.id, others), [
    { type: 'friend.invited', data: { inviteeId: invited.id }, occurredAt: first?.['createdAt'] }
  ])
  for (let login = 0; login < 2; login++) await auth.login(invited.email)
  t.equal((await storedActivities(friend.id, others)).length, 1, 'later logins add nothing')
  t.equal((await storedActivities(invited.id)).filter(({ type }) => type === 'friend.invited').length, 0)

  const second = await auth.register({ referralCode: friend.referralCode })
  await auth.login(second.email)
  const invitations = await storedActivities(friend.id, [...others, second.id])
  t.same(invitations.map(({ data }) => data.inviteeId), [invited.id, second.id])
})

t.test('an invitation is not lost if the first login was interrupted', async t => {
  const friend = await auth.register()
  const invited = await auth.register({ referralCode: friend.referralCode })
  const firstLoginAt = new Date('2026-01-01T00:00:00.000Z')
  await auth.users.updateOne({ _id: invited.id }, { $set: { firstLoginAt } })
  await auth.login(invited.email)
  t.match(await storedActivities(friend.id, [invited.id]), [{ type: 'friend.invited', occurredAt: firstLoginAt }])
})

t.test('friend.invited is not reported for an inviter who was erased or deleted', async t => {
  const { token: admin } = await auth.login(adminEmail)
  for (const remove of [
    async ({ id }: { id: string }) => await auth.call('POST', `/v1/users/${id}/erase`, { token: admin }),
    async ({ email }: { email: string }) => {
      const { token } = await auth.login(email)
      return await auth.call('POST', '/v1/users/me/delete', { token, body: { password } })
    }
  ]) {
    const inviter = await auth.register()
    const invite = async () => await auth.register({ referralCode: inviter.referralCode })
    const [before, during, after] = [await invite(), await invite(), await invite()]
    const invitees = [before, during, after]
    const ids = invitees.map(({ id }) => id)
    const invited = async () => (await storedActivities(inviter.id, ids))
      .filter(({ type }) => type === 'friend.invited').map(({ data }) => data.inviteeId)
    await auth.login(before.email)
    t.same(await invited(), [before.id])

    line.behave = async () => ({ status: 503, body: {} })
    await auth.login(during.email)
    t.equal((await remove(inviter)).status, 204)
    line.behave = forward
    await event.db.collection('activities').deleteMany({ userId: inviter.id })
    for (const { email } of invitees) await auth.login(email)
    t.same(await invited(), [], 'neither by later logins nor by pending deliveries')
    for (const id of ids) t.match(typesOf(await storedActivities(id)), ['user.login'], 'the invitees lose nothing')
  }
})

t.test('friend.invited is not reported for a new user with the id of the erased inviter', async t => {
  const { token: admin } = await auth.login(adminEmail)
  const { body: { clientId, clientSecret } } =
    await auth.call('POST', '/v1/clients', { token: admin, body: { name: 'Game' } })
  const { body: { accessToken: token } } =
    await auth.call('POST', '/v1/auth/token', { body: { clientId, clientSecret } })
  const put = async () => await auth.call('PUT', '/v1/users/inviter-1', { token, body: {} })
  const inviter = (await put()).body
  const old = await auth.register({ referralCode: inviter.referralCode })
  await auth.users.updateOne({ _id: old.id }, { $set: { createdAt: new Date(Date.now() - 3_600_000) } })
  await auth.call('POST', '/v1/users/inviter-1/erase', { token })
  await auth.db.collection('erasures').deleteMany({})
  const again = await put()
  t.equal(again.status, 201)
  const young = await auth.register({ referralCode: again.body.referralCode })
  for (const { email } of [old, young]) await auth.login(email)
  const invitations = await storedActivities('inviter-1', [old.id, young.id])
  t.same(invitations.map(({ data }) => data.inviteeId), [young.id])
})

t.test('a delivery whose response is lost is retried and counts once', async t => {
  const { id, email } = await auth.register()
  line.behave = async delivery => {
    await forward(delivery)
    return { status: 502, body: {} }
  }
  const { claims } = await auth.login(email)
  t.equal(await event.db.collection('activities').countDocuments({ userId: id }), 2, 'event-service has stored them')
  const pending = await auth.sessions.findOne({ _id: claims['sid'] })
  t.match(pending, { outbox: { length: 2 } }, 'auth-service has not received the acknowledgment')

  line.behave = forward
  await auth.sessions.updateOne({ _id: claims['sid'] }, { $set: { outboxSince: new Date(0) } })
  t.same(typesOf(await storedActivities(id)), ['user.login', 'user.visited'])
})

t.test('401: /internal/activities accepts the service token only, not the access token of an ADMIN', async t => {
  const { token, user } = await auth.signIn('ADMIN')
  const body = { activities: [{ id: 'forged', userId: user.id, type: 'user.login' }] }
  const send = async (token?: string) =>
    await event.call('POST', '/internal/activities', token === undefined ? { body } : { token, body })
  t.match(await send(token), { status: 401, body: { code: 'UNAUTHENTICATED' } })
  t.match(await send(), { status: 401 })
  t.match(await send(line.deliveries.at(-1)?.token), { status: 200, body: { accepted: 1 } })
})

t.test('401: the service token is not accepted by any other operation of event-service', async t => {
  await auth.signIn('ADMIN')
  const token = line.deliveries.at(-1)?.token ?? ''
  for (const [method, path] of [
    ['GET', '/v1/events'],
    ['POST', '/v1/events'],
    ['GET', '/v1/claims'],
    ['POST', '/v1/activities']
  ] as const) {
    t.match(await event.call(method, path, { token }), { status: 401 }, `${method} ${path}`)
  }
})
