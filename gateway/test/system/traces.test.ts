import t from 'tap'
import { createCall } from '../../../test/kit/http/client.ts'
import { eventually } from '../../../test/kit/run/eventually.ts'
import { loadedSdkModules, startListingModules } from '../../../test/kit/servers/loaded-modules.ts'
import { freePort } from '../../../test/kit/servers/ports.ts'
import { startCollector } from '../../../test/kit/stand-ins/collector.ts'
import { startStandIn } from '../../../test/kit/stand-ins/services.ts'
import { createIssuer } from '../../../test/kit/tokens/issuer.ts'

const issuer = createIssuer()
const token = issuer.token({ sub: 'kim' })
const [collector, upstream] = [await startCollector(t), await startStandIn(t, [issuer.jwk])]
const port = await freePort()
const url = `http://127.0.0.1:${port}`
const call = createCall(url)
const child = startListingModules(t, 'gateway', {
  PORT: String(port),
  METRICS_PORT: '0',
  AUTH_URL: upstream.url,
  EVENT_URL: upstream.url,
  RATE_LIMIT_PER_MINUTE: '0',
  LOG_LEVEL: 'info',
  OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
  OTEL_SERVICE_NAME: 'another-name',
  OTEL_TRACES_SAMPLER_ARG: '1.0'
})
await child.answers(`${url}/health/ready`)

const countLines = (text: string): number => child.log().filter(({ msg }) => String(msg).includes(text)).length
const countBatches = (): number => collector.received.split('resourceSpans').length - 1

t.test('a failing service is an error in the span, and OTEL_SERVICE_NAME sets the name of the server', async t => {
  upstream.answer = (_request, response) => { response.writeHead(500, { 'content-length': 6 }).end('canary') }
  t.equal((await call('GET', '/v1/events', { token })).status, 500)
  upstream.answer = (request) => { request.socket.destroy() }
  t.equal((await call('GET', '/v1/events', { token })).status, 502)
  await eventually(async () => collector.spans.length >= 2)
  t.match(collector.spans, [
    { service: 'another-name', attributes: { 'http.response.status_code': 500 }, status: { code: 2 } },
    { attributes: { 'laurel.error_code': 'UPSTREAM_UNAVAILABLE' }, status: { code: 2 } }
  ])
  t.notMatch(collector.received, /canary/)
})

t.test('a failing collector, or one that does not respond, affects no request and is logged in one line', async t => {
  upstream.answer = (_request, response) => { response.end('{}') }
  const before = countBatches()
  const receives = async (count: number): Promise<void> => {
    await eventually(async () => {
      const { status } = await call('GET', '/v1/events', { token })
      return status === 200 && countBatches() >= before + count
    }, 60_000, 100)
  }
  collector.status = 400
  await receives(2)
  await eventually(async () => countLines('traces cannot be exported') === 1)
  collector.status = 200
  await receives(3)
  await eventually(async () => countLines('traces are exported again') === 1)
  t.equal(countLines('traces cannot be exported'), 1)

  collector.isSilent = true
  t.equal((await call('GET', '/v1/events', { token })).status, 200)
  child.process.kill('SIGTERM')
  t.same(await child.exited, { code: 0, signal: null })
  t.equal(countLines('the shutdown took too long'), 0)
  t.ok(loadedSdkModules(child).length > 30)
})
