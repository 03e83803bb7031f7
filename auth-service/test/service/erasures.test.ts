import t from 'tap'
import { adminEmail, patient, startAuth, type AuthService } from '../../../test/kit/servers/auth.ts'
import { ownDatabase } from '../../../test/kit/mongo/database.ts'
import { startEventStandIn } from '../../../test/kit/stand-ins/event-service.ts'
import { eventually } from '../../../test/kit/run/eventually.ts'
import { fastest } from '../../../test/kit/run/fastest.ts'

const event = await startEventStandIn(t)
const timing = { erasureRelay: { ...patient.erasureRelay, settleTime: 3_600_000 } }
const auth = await startAuth(t, { EVENT_URL: event.url }, ownDatabase(t, 'auth'), timing)
const { token: admin } = await auth.login(adminEmail)
const erasures = auth.db.collection<{ _id: string }>('erasures')

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

t.test('204: a slow event-service delays an erasure by 300 ms at most', async t => {
  let open = (): void => undefined
  const isOpen = new Promise<void>(resolve => { open = resolve })
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
