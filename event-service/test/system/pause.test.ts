import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { createCall } from '../../../test/kit/http/client.ts'
import { eventually } from '../../../test/kit/run/eventually.ts'
import { startBuilt } from '../../../test/kit/servers/child.ts'
import { activeEvent } from '../../../test/kit/servers/events.ts'
import { as, atOnce, newUserId, startEventService, type Row } from '../../../test/kit/servers/event-service.ts'
import { freePort } from '../../../test/kit/servers/ports.ts'

const clients = 12

t.test('no claim is granted after the response of setPause, in three processes under load', async t => {
  const { call, db, env } = await startEventService(t)
  const urls = await Promise.all([0, 1, 2].map(async () => {
    const port = await freePort()
    const url = `http://127.0.0.1:${port}`
    await startBuilt(t, 'event-service', { ...env, EVENT_PORT: String(port) }).answers(`${url}/health/ready`)
    return url
  }))
  const calls = urls.map(url => createCall(url))
  const claims = db.collection<Row>('claims')
  const eventId = await activeEvent(call, as('OPERATOR'))
  const load = { isOver: false, statuses: [] as number[] }
  async function statusesSince (count: number): Promise<void> {
    while (load.statuses.length < count) await nextTurn()
  }

  const ended = atOnce(clients, async index => {
    while (!load.isOver) {
      const claim = calls[index % 3] ?? call
      const { status } = await claim('POST', `/v1/events/${eventId}/claims`, { token: as('USER', newUserId()) })
      load.statuses.push(status)
    }
  })
  await statusesSince(60)
  const body = { paused: true, reason: 'wrong amounts' }
  await eventually(async () => (await call('PUT', '/v1/pause', { token: as('ADMIN'), body })).status === 200)
  const answeredAt = new Date()
  const before = load.statuses.length
  await statusesSince(before + clients + 60)
  load.isOver = true
  await ended

  const granted = load.statuses.filter(status => status === 201).length
  t.strictSame([...new Set(load.statuses)].sort(), [201, 503])
  const later = load.statuses.slice(before + clients)
  t.ok(later.every(status => status === 503), 'all requests in flight have finished')
  t.equal(await claims.countDocuments({ eventId, grantedAt: { $gt: answeredAt } }), 0)
  t.equal(await claims.countDocuments({ eventId }), granted, 'each response matches the database')
})
