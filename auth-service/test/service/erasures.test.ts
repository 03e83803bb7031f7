import t from 'tap'
import { adminEmail, longTimeouts, startAuth, type AuthService } from '../../../test/kit/servers/auth.ts'
import { ownDatabase } from '../../../test/kit/mongo/database.ts'
import { startEventStandIn } from '../../../test/kit/stand-ins/event-service.ts'
import { eventually } from '../../../test/kit/run/eventually.ts'
import { createDoor } from '../../../test/kit/run/door.ts'
import { fastest } from '../../../test/kit/run/fastest.ts'

const event = await startEventStandIn(t)
const timing = { erasureRelay: { ...longTimeouts.erasureRelay, resendAfter: 3_600_000 } }
const auth = await startAuth(t, { EVENT_URL: event.url }, ownDatabase(t, 'auth'), timing)
const { token: admin } = await auth.login(adminEmail)
const erasures = auth.db.collection<{ _id: string, since?: Date }>('erasures')

/** Moves an erasure into the past, so that the deliveries in progress at that time have finished. */
async function age (userId: string): Promise<void> {
  await erasures.updateOne({ _id: userId }, { $set: { since: new Date(0) } })
}

/** Erases a new user and returns the id. */
async function erase ({ register, call }: AuthService = auth, token = admin): Promise<string> {
  const { id } = await register()
  const { status } = await call('POST', `/v1/users/${id}/erase`, { token })
  t.equal(status, 204)
  return id
}

function requestsOf (userId: string) {
  return event.deliveries.filter(({ path, body }) => path === 'POST /internal/erasures' && body['userId'] === userId)
}

t.test('an erasure is sent immediately, and again after deliveries in progress have finished', async t => {
  event.behave = async () => ({ status: 204, body: null })
  const id = await erase()
  t.equal(requestsOf(id).length, 1)
  t.ok(await erasures.findOne({ _id: id }))
  await age(id)
  await eventually(async () => await erasures.findOne({ _id: id }) === null)
  t.equal(requestsOf(id).length, 2)
})

t.test('204: an erasure is retried until event-service has erased the user', async t => {
  event.behave = async () => ({ status: 503, body: {} })
  const id = await erase()
  await age(id)
  await eventually(async () => requestsOf(id).length > 2)
  t.ok(await erasures.findOne({ _id: id }))
  event.behave = async () => ({ status: 204, body: null })
  await eventually(async () => await erasures.findOne({ _id: id }) === null)
})

t.test('204: erasures that fail, however many, do not delay those of other users', async t => {
  const damaged = Array.from({ length: 110 }, (_, index) => ({ _id: `damaged-${index}`, since: new Date(index) }))
  event.behave = async ({ body }) => ({ status: String(body['userId']).startsWith('damaged') ? 500 : 204, body: null })
  await erasures.insertMany(damaged)
  const id = await erase()
  await erasures.updateOne({ _id: id }, { $set: { since: new Date(1000) } })
  await eventually(async () => await erasures.findOne({ _id: id }) === null)
  await eventually(async () => damaged.every(({ _id }) => requestsOf(_id).length > 1))
  t.equal(await erasures.countDocuments(), damaged.length, 'they are retried')
  event.behave = async () => ({ status: 204, body: null })
  await eventually(async () => await erasures.countDocuments() === 0)
})

t.test('201: a user who is put again has no data of the erased one, and loses none; 503 if that fails', async t => {
  event.behave = async () => ({ status: 500, body: {} })
  const { call } = auth
  const { body: { clientId, clientSecret } } =
    await call('POST', '/v1/clients', { token: admin, body: { name: 'Game' } })
  const { body: { accessToken: token } } = await call('POST', '/v1/auth/token', { body: { clientId, clientSecret } })
  const put = async () => await call('PUT', '/v1/users/player-1', { token, body: {} })
  t.equal((await put()).status, 201)
  t.equal((await call('POST', '/v1/users/player-1/erase', { token })).status, 204)
  const early = await put()
  t.match(early, { status: 503, body: { code: 'SERVICE_UNAVAILABLE' } })
  t.equal(early.headers.get('retry-after'), '5')
  t.equal(await auth.users.findOne({ _id: 'player-1' }), null)
  event.behave = async () => {
    await erasures.updateOne({ _id: 'player-1' }, { $set: { since: new Date(Date.now() + 1000) } })
    return { status: 204, body: null }
  }
  t.match(await put(), { status: 503 }, 'another user with this id was erased in the meantime')
  event.behave = async () => ({ status: 204, body: null })
  const before = requestsOf('player-1').length
  t.equal((await put()).status, 201)
  t.equal(requestsOf('player-1').length, before + 1, 'before the user is created')
  t.equal(await erasures.findOne({ _id: 'player-1' }), null, 'and not again')
})

t.test('201: an erasure that a new user completes is not sent by a run that has begun', async t => {
  const { open, isOpen } = createDoor()
  event.behave = async ({ body }) => {
    if (body['userId'] === 'first') await isOpen
    return { status: 204, body: null }
  }
  await erasures.insertMany([{ _id: 'first', since: new Date(0) }, { _id: 'second', since: new Date(1) }])
  await eventually(async () => requestsOf('first').length === 1)
  await erasures.deleteOne({ _id: 'second' })
  open()
  await eventually(async () => await erasures.findOne({ _id: 'first' }) === null)
  await erasures.insertOne({ _id: 'third', since: new Date(0) })
  await eventually(async () => await erasures.findOne({ _id: 'third' }) === null)
  t.equal(requestsOf('second').length, 0)
})

t.test('204: a slow event-service delays an erasure by 300 ms at most', async t => {
  const { open, isOpen } = createDoor()
  event.behave = async () => {
    await isOpen
    return { status: 204, body: null }
  }
  const other = await startAuth(t, { EVENT_URL: event.url }, ownDatabase(t, 'auth'))
  const { token } = await other.login(adminEmail)
  const took = await fastest(async () => await erase(other, token))
  t.ok(took < 1900, `${took} ms, less than the timeout of the attempt`)
  open()
})
