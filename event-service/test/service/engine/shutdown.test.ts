import t from 'tap'
import { buildApp } from '../../../src/app.ts'
import { readConfig } from '../../../src/config.ts'
import { createSweeper } from '../../../src/engine/sweeper.ts'
import { createStores } from '../../../src/stores/index.ts'
import { ownDatabase } from '../../../../test/kit/mongo/database.ts'
import { activeEvent } from '../../../../test/kit/servers/events.ts'
import { as, newUserId, startEventService } from '../../../../test/kit/servers/event-service.ts'
import { eventually } from '../../../../test/kit/run/eventually.ts'
import { startMongoLine } from '../../../../test/kit/mongo/line.ts'

t.test('the server closes within 10 seconds while MongoDB is unavailable, even with requests in flight', async t => {
  const { uri } = ownDatabase(t, 'line')
  const line = await startMongoLine(t, uri)
  const { call, env } = await startEventService(t, { EVENT_MONGODB_URI: line.uri })
  const eventId = await activeEvent(call, as('OPERATOR'))
  const app = await buildApp(readConfig(env))
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const claim = async () => await fetch(`${url}/v1/events/${eventId}/claims`, {
    method: 'POST', headers: { authorization: `Bearer ${as('USER', newUserId())}` }
  })
  line.cut()
  const begun = performance.now()
  const inFlight = [claim(), claim()]
  await eventually(async () => app.server.listening && await new Promise<boolean>(resolve => {
    app.server.getConnections((_error, count) => { resolve(count > 0) })
  }))
  await app.close()
  t.ok(performance.now() - begun < 10_000)
  t.strictSame((await Promise.all(inFlight)).map(({ status }) => status), [503, 503])
  line.mend()
})

t.test('a closed sweeper starts no further step and does not wait for a step that hangs', async t => {
  const { client, name } = ownDatabase(t, 'sweeper')
  const stores = createStores(client.db(name), () => undefined)
  const steps: string[] = []
  let endStep = (): void => undefined
  const stock = {
    ...stores.stock,
    expiredLeases: async () => {
      steps.push('leases')
      await new Promise<void>(resolve => { endStep = resolve })
      return []
    },
    withGaps: async () => {
      steps.push('gaps')
      return []
    }
  }
  const sweeper = createSweeper({ ...stores, stock, log: { warn: () => undefined } })
  sweeper.start()
  await eventually(async () => steps.length === 1)
  const begun = performance.now()
  const waiting = setInterval(() => undefined, 100)
  await sweeper.close()
  clearInterval(waiting)
  t.ok(performance.now() - begun < 5000)
  endStep()
  await new Promise(setImmediate)
  t.strictSame(steps, ['leases'])
})

t.test('a closed sweeper leaves the rest of a step to the next process', async t => {
  const { client, name } = ownDatabase(t, 'sweeper')
  const stores = createStores(client.db(name), () => undefined)
  const released: string[] = []
  let end = (): void => undefined
  const stock = {
    ...stores.stock,
    expiredLeases: async () => ['first', 'second'].map(id => ({ key: { eventId: 'e-1' }, id, slots: [] })),
    releaseLease: async (_key: unknown, id: string) => {
      released.push(id)
      await new Promise<void>(resolve => { end = resolve })
    }
  }
  const sweeper = createSweeper({ ...stores, stock, log: { warn: () => undefined } })
  const sweep = sweeper.sweep()
  await eventually(async () => released.length === 1)
  await sweeper.close()
  end()
  await sweep
  t.strictSame(released, ['first'])
})
