// Runs as a separate process, for tests of starting, logging and exiting. Plain JavaScript, so that it starts quickly.
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { loadConfig } from '@laurel/shared/config'
import { DomainError, StartupError } from '@laurel/shared/errors'
import { addHealthRoutes, createService, runServer } from '@laurel/shared/http'
import { Type } from 'typebox'

const { PROBE_PORT, PROBE_BUILDS, PROBE_FAILS, PROBE_CLOSES } = process.env
const { PROBE_NOTICE_MS = '500', PROBE_CLOSE_MS = '9000' } = process.env

async function build () {
  process.stdout.write('building\n')
  if (PROBE_BUILDS === 'when told') await once(process, 'message')
  if (PROBE_FAILS === 'yes') throw new StartupError('MONGODB_URI: cannot reach MongoDB')
  const app = createService({ name: 'probe', logLevel: 'info', translateError: () => undefined })
  addHealthRoutes(app, { required: {} })
  app.get('/slow', async ({ log }) => {
    log.info('started')
    return await sleep(400, { slow: true })
  })
  app.get('/v1/things/:thingId', async () => ({}))
  app.post('/echo', { schema: { body: Type.Object({}) } }, async () => ({}))
  app.get('/bug', async () => {
    throw Object.assign(new Error('the hidden cause'), { query: 'canary-of-the-driver' })
  })
  app.get('/away', async () => { throw new DomainError('unavailable', 'SERVICE_UNAVAILABLE', 'Not now') })
  app.get('/crash', async () => {
    setImmediate(() => { throw new Error('nobody catches this') })
    return {}
  })
  app.addHook('onRequest', async request => {
    if (request.headers.authorization !== undefined) {
      request.caller = { id: 'u-1', role: 'USER', sessionId: 's-1' }
    }
  })
  app.addHook('onClose', async () => {
    if (PROBE_CLOSES === 'never') await sleep(60_000)
    if (PROBE_CLOSES === 'failing') throw new Error('cannot close')
  })
  return app
}

const tracing = loadConfig(
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_SERVICE_NAME', 'OTEL_TRACES_SAMPLER_ARG', 'LOG_LEVEL'], process.env
)

await runServer('probe', () => ({ host: '127.0.0.1', port: Number(PROBE_PORT), tracing, build }), {
  notice: Number(PROBE_NOTICE_MS), close: Number(PROBE_CLOSE_MS)
})
