// Runs as its own process, for tests of how a server starts, logs and exits.
import { setTimeout as sleep } from 'node:timers/promises'
import { DomainError } from '@laurel/shared/errors'
import { addHealthRoutes, createService, runServer } from '@laurel/shared/http'
import { Anything } from './service.ts'

await runServer('probe', async () => {
  if (process.env['PROBE_HANGS'] === 'yes') {
    process.stdout.write('building\n')
    await sleep(60_000)
  }
  const app = createService({ name: 'probe', logLevel: 'info', translateError: () => undefined })
  addHealthRoutes(app, {})
  app.get('/slow', async ({ log }) => {
    log.info('started')
    return await sleep(400, { slow: true })
  })
  app.get('/v1/things/:thingId', async () => ({}))
  app.post('/echo', { schema: { body: Anything } }, async () => ({}))
  app.get('/bug', async () => {
    throw Object.assign(new Error('the hidden cause'), { query: 'canary-of-the-driver' })
  })
  app.get('/away', async () => { throw new DomainError('unavailable', 'SERVICE_UNAVAILABLE', 'Not now') })
  app.addHook('onRequest', async request => {
    if (request.headers.authorization !== undefined) {
      request.caller = { id: 'u-1', role: 'USER', sessionId: 's-1' }
    }
  })
  return { app, host: '127.0.0.1', port: Number(process.env['PROBE_PORT']) }
})
