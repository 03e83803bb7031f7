import t from 'tap'
import { adminEmail, startAuth } from '../../../test/kit/servers/auth.ts'
import { ownDatabase } from '../../../test/kit/mongo/database.ts'
import { startEventStandIn } from '../../../test/kit/stand-ins/event-service.ts'
import { eventually } from '../../../test/kit/run/eventually.ts'

const event = await startEventStandIn(t)
const timing = { erasureRelay: { pollInterval: 50, settleTime: 3000, maxWait: 300 } }
const auth = await startAuth(t, { EVENT_URL: event.url }, ownDatabase(t, 'auth'), timing)
const { token } = await auth.login(adminEmail)
const erasures = auth.db.collection<{ _id: string }>('erasures')

/** Erases a new user and returns the id. */
async function erase (): Promise<string> {
  const { id } = await auth.register()
  const { status } = await auth.call('POST', `/v1/users/${id}/erase`, { token })
  t.equal(status, 204)
  return id
}

function requestsOf (userId: string) {
  return event.deliveries.filter(({ path, body }) => path === 'POST /internal/erasures' && body['userId'] === userId)
}

t.test('an erasure is sent at once, and again after deliveries in progress have ended', async t => {
  event.behave = async () => ({ status: 204, body: null })
  const id = await erase()
  t.equal(requestsOf(id).length, 1)
  t.ok(await erasures.findOne({ _id: id }))
  await eventually(async () => await erasures.findOne({ _id: id }) === null)
  t.equal(requestsOf(id).length, 2)
})

t.test('204: an erasure is retried until event-service has forgotten the user', async t => {
  event.behave = async () => ({ status: 503, body: {} })
  const id = await erase()
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
  const before = performance.now()
  await erase()
  const took = performance.now() - before
  t.ok(took < 1900, `${took} ms, less than the timeout of the attempt`)
  open()
})
