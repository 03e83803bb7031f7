import t, { type Test } from 'tap'
import { createCall, type Call } from '../../../test/kit/http/client.ts'
import { eventually } from '../../../test/kit/run/eventually.ts'
import { startBuilt, type Child } from '../../../test/kit/servers/child.ts'
import { freePort } from '../../../test/kit/servers/ports.ts'
import { startCollector, type Collector } from '../../../test/kit/stand-ins/collector.ts'
import { startStandIn, type StandIn } from '../../../test/kit/stand-ins/services.ts'
import { createIssuer } from '../../../test/kit/tokens/issuer.ts'

interface Traced {
  readonly child: Child
  readonly call: Call
  readonly token: string
  readonly collector: Collector
  readonly upstream: StandIn
}

/** Starts a gateway as its own process, and a collector. */
async function startTraced (t: Test, env: Readonly<Record<string, string>> = {}): Promise<Traced> {
  const issuer = createIssuer()
  const [collector, upstream] = [await startCollector(t), await startStandIn(t, [issuer.jwk])]
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const child = startBuilt(t, 'gateway', {
    PORT: String(port),
    METRICS_PORT: '0',
    AUTH_URL: upstream.url,
    EVENT_URL: upstream.url,
    RATE_LIMIT_PER_MINUTE: '0',
    LOG_LEVEL: 'info',
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    ...env
  })
  await child.answers(`${url}/health/ready`)
  return { child, call: createCall(url), token: issuer.token({ sub: 'kim' }), collector, upstream }
}

async function shutDown (t: Test, { child }: Traced): Promise<void> {
  child.process.kill('SIGTERM')
  t.same(await child.exited, { code: 0, signal: null })
}

const linesWith = ({ child }: Traced, text: string): number =>
  child.log().filter(({ msg }) => String(msg).includes(text)).length

t.test('a failing service is an error in the span, and OTEL_SERVICE_NAME sets the name of the server', async t => {
  const traced = await startTraced(t, { OTEL_SERVICE_NAME: 'another-name', OTEL_TRACES_SAMPLER_ARG: '1.0' })
  const { call, token, upstream, collector } = traced
  upstream.answer = (_request, response) => { response.writeHead(500, { 'content-length': 6 }).end('canary') }
  t.equal((await call('GET', '/v1/events', { token })).status, 500)
  upstream.answer = (request) => { request.socket.destroy() }
  t.equal((await call('GET', '/v1/events', { token })).status, 502)
  await shutDown(t, traced)
  t.match(collector.spans, [
    { service: 'another-name', attributes: { 'http.response.status_code': 500 }, status: { code: 2 } },
    { attributes: { 'laurel.error_code': 'UPSTREAM_UNAVAILABLE' }, status: { code: 2 } }
  ])
  t.notMatch(collector.received, /canary/)
})

t.test('with a sampling ratio of 0, nothing is sampled, even if a client requests it', async t => {
  const traced = await startTraced(t, { OTEL_TRACES_SAMPLER_ARG: '0' })
  const traceId = 'e'.repeat(32)
  const headers = { traceparent: `00-${traceId}-b7ad6b7169203331-01` }
  await traced.call('GET', '/v1/events', { token: traced.token, headers })
  await shutDown(t, traced)
  t.equal(traced.collector.received, '')
  t.match(traced.upstream.arrivals, [{ headers: { traceparent: new RegExp(`^00-${traceId}-[0-9a-f]{16}-00$`) } }])
  t.ok(traced.child.log().some(line => line['traceId'] === traceId), 'the log names the trace of the client')
})

t.test('a failing collector, or one that does not respond, affects no request and is logged in one line', async t => {
  const traced = await startTraced(t)
  const { call, token, collector } = traced
  const receives = async (count: number): Promise<void> => {
    await eventually(async () => {
      const { status } = await call('GET', '/v1/events', { token })
      return status === 200 && collector.received.split('resourceSpans').length > count
    })
  }
  collector.status = 400
  await receives(2)
  await eventually(async () => linesWith(traced, 'traces cannot be exported') === 1)
  collector.status = 200
  await receives(3)
  await eventually(async () => linesWith(traced, 'traces are exported again') === 1)
  t.equal(linesWith(traced, 'traces cannot be exported'), 1)

  collector.isSilent = true
  t.equal((await call('GET', '/v1/events', { token })).status, 200)
  await shutDown(t, traced)
  t.equal(linesWith(traced, 'shutdown took too long'), 0)
})
