import { EventEmitter, once } from 'node:events'
import t from 'tap'
import { createCall } from '../../../test/kit/http/client.ts'
import { eventually } from '../../../test/kit/run/eventually.ts'
import { startBuilt } from '../../../test/kit/servers/child.ts'
import { activeEvent } from '../../../test/kit/servers/events.ts'
import { as, atOnce, newUserId, startEventService, type Row } from '../../../test/kit/servers/event-service.ts'
import { checkNoSdkIsLoaded, startListingModules } from '../../../test/kit/servers/loaded-modules.ts'
import { freePort } from '../../../test/kit/servers/ports.ts'

const clients = 12

const { url, call, db, env } = await startEventService(t)

/** Starts event-service as its own process. */
async function startProcess () {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const child = startListingModules(t, 'event-service', { ...env, EVENT_PORT: String(port), LOG_LEVEL: 'info' })
  await child.answers(`${url}/health/ready`)
  return { child, port, url }
}
const servers = await Promise.all([startProcess(), startProcess()])

t.test('no claim is granted after the response of setPause, in three processes under load', async t => {
  const calls = [url, ...servers.map(({ url }) => url)].map(url => createCall(url))
  const claims = db.collection<Row>('claims')
  const eventId = await activeEvent(call, as('OPERATOR'))
  const load = { isOver: false, isPaused: false, statuses: [] as number[], laterStatuses: [] as number[] }
  const responses = new EventEmitter()
  async function reachCount (statuses: readonly number[], count: number): Promise<void> {
    while (statuses.length < count) await once(responses, 'response')
  }

  const ended = atOnce(clients, async index => {
    while (!load.isOver) {
      const claim = calls[index % 3] ?? call
      const { isPaused } = load
      const { status } = await claim('POST', `/v1/events/${eventId}/claims`, { token: as('USER', newUserId()) })
      load.statuses.push(status)
      if (isPaused) load.laterStatuses.push(status)
      responses.emit('response')
    }
  })
  await reachCount(load.statuses, 60)
  const body = { paused: true, reason: 'wrong amounts' }
  await eventually(async () => (await call('PUT', '/v1/pause', { token: as('ADMIN'), body })).status === 200)
  const answeredAt = new Date()
  load.isPaused = true
  await reachCount(load.laterStatuses, 60)
  load.isOver = true
  await ended

  const granted = load.statuses.filter(status => status === 201).length
  t.strictSame([...new Set(load.statuses)].sort(), [201, 503])
  t.strictSame([...new Set(load.laterStatuses)], [503], 'for claims that are sent after the response')
  t.equal(await claims.countDocuments({ eventId, grantedAt: { $gt: answeredAt } }), 0)
  t.equal(await claims.countDocuments({ eventId }), granted, 'each response matches the database')
})

t.test('exit 0: the server starts from its environment, becomes ready and stops on SIGTERM', async t => {
  for (const { url } of servers) {
    const ready = await createCall(url)('GET', '/health/ready')
    t.strictSame(ready.body, { status: 'ok', checks: { mongodb: 'ok' } })
  }
  for (const { child } of servers) child.process.kill('SIGTERM')
  for (const { child, port } of servers) {
    t.strictSame(await child.exited, { code: 0, signal: null })
    t.ok(
      child.log().some(({ name, msg }) => name === 'event-service' && String(msg).endsWith(`:${port}`)),
      'it logs JSON lines with its name'
    )
  }
  await t.test('without a collector no module of the OpenTelemetry SDK is loaded', async t => {
    for (const { child } of servers) checkNoSdkIsLoaded(t, child)
  })
})

t.test('exit 1: an invalid TIME_ZONE stops the start with one line', async t => {
  const child = startBuilt(t, 'event-service', { MONGODB_URI: 'mongodb://127.0.0.1', TIME_ZONE: '+09:00' })
  t.strictSame(await child.exited, { code: 1, signal: null })
  t.match(child.stderr(), /^laurel event-service: Configuration: TIME_ZONE must be .*\n$/m)
  t.notMatch(child.stderr(), /\n\s+at /, 'no stack')
})
