import t, { type Test } from 'tap'
import { createCall, type Call } from '../../../test/kit/http/client.ts'
import { eventually } from '../../../test/kit/run/eventually.ts'
import { startChild, type Child } from '../../../test/kit/servers/child.ts'
import { freePort } from '../../../test/kit/servers/ports.ts'
import { startCollector, type Collector } from '../../../test/kit/stand-ins/collector.ts'

interface Traced { readonly child: Child, readonly call: Call, readonly collector: Collector }

/** Starts a server as its own process, and a collector. */
async function startTraced (t: Test, env: Readonly<Record<string, string>> = {}): Promise<Traced> {
  const collector = await startCollector(t)
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const child = startChild(t, new URL('../support/probe.ts', import.meta.url), {
    PROBE_PORT: String(port), PROBE_NOTICE_MS: '0', OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...env
  })
  await child.answers(`${url}/health/ready`)
  return { child, call: createCall(url), collector }
}

async function shutDown (t: Test, { child }: Traced): Promise<void> {
  child.process.kill('SIGTERM')
  t.same(await child.exited, { code: 0, signal: null })
}

const linesWith = ({ child }: Traced, text: string): number =>
  child.log().filter(({ msg }) => String(msg).includes(text)).length

t.test('a traced server as its own process', { jobs: 3 }, t => {
  void t.test('SIGTERM: it sends the spans that it has, and exits with 0', async t => {
    const traced = await startTraced(t, { OTEL_SERVICE_NAME: 'another-name', OTEL_TRACES_SAMPLER_ARG: '1.0' })
    await traced.call('GET', '/v1/things/t-1')
    await shutDown(t, traced)
    t.match(traced.collector.spans, [{
      service: 'another-name', name: 'GET /v1/things/:thingId', attributes: { 'url.path': '/v1/things/t-1' }
    }])
  })

  void t.test('a bug is an error of its span, without the message', async t => {
    const traced = await startTraced(t)
    t.equal((await traced.call('GET', '/bug')).status, 500)
    t.equal((await traced.call('GET', '/away')).status, 503)
    await shutDown(t, traced)
    t.match(traced.collector.spans, [
      { attributes: { 'http.response.status_code': 500, 'laurel.error_code': 'INTERNAL_ERROR' }, status: { code: 2 } },
      { attributes: { 'http.response.status_code': 503 }, status: { code: 2 } }
    ])
    t.notMatch(traced.collector.received, /hidden cause|canary|Not now/)
  })

  void t.test('with a share of 0 nothing is sampled, whatever a client demands', async t => {
    const traced = await startTraced(t, { OTEL_TRACES_SAMPLER_ARG: '0' })
    const traceId = 'e'.repeat(32)
    await traced.call('GET', '/v1/things/t-1', { headers: { traceparent: `00-${traceId}-b7ad6b7169203331-01` } })
    await shutDown(t, traced)
    t.equal(traced.collector.received, '')
    t.ok(traced.child.log().some(line => line['traceId'] === traceId), 'the log names the trace of the client')
  })

  void t.test('a collector that refuses is logged in one line, and in another when it takes spans again', async t => {
    const traced = await startTraced(t)
    const { call, collector } = traced
    collector.status = 400
    const receives = async (count: number): Promise<void> => {
      await eventually(async () => {
        const { status } = await call('GET', '/v1/things/t-1')
        return status === 200 && collector.received.split('resourceSpans').length > count
      })
    }
    await receives(2)
    await eventually(async () => linesWith(traced, 'traces cannot be sent') === 1)
    collector.status = 200
    await receives(3)
    await eventually(async () => linesWith(traced, 'traces are sent again') === 1)
    t.equal(linesWith(traced, 'traces cannot be sent'), 1)
    await shutDown(t, traced)
  })

  void t.test('a collector that keeps silent holds up neither requests nor the shutdown', async t => {
    const traced = await startTraced(t)
    traced.collector.isSilent = true
    for (let request = 0; request < 20; request += 1) {
      t.equal((await traced.call('GET', '/v1/things/t-1')).status, 200)
    }
    await shutDown(t, traced)
    t.equal(linesWith(traced, 'shutdown took too long'), 0)
  })
  t.end()
})
