import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { startChild } from '../../test/kit/child.ts'
import { createCall } from '../../test/kit/client.ts'
import { eventually } from '../../test/kit/eventually.ts'
import { createIssuer } from '../../test/kit/issuer.ts'
import { freePort } from '../../test/kit/ports.ts'
import { startStandIn } from '../../test/kit/stand-in.ts'
import { buildApp } from '../src/app.ts'
import { readConfig } from '../src/config.ts'
import { listenForMetrics } from '../src/metrics-listener.ts'
import { startGateway } from './support/gateway.ts'

const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

async function startWithMetrics (t: Test, METRICS_PORT?: number) {
  const issuer = createIssuer()
  const upstream = await startStandIn(t, [issuer.jwk])
  const app = await buildApp(readConfig({ AUTH_URL: upstream.url, EVENT_URL: upstream.url, LOG_LEVEL: 'silent', RATE_LIMIT_PER_MINUTE: '0' }))
  t.teardown(async () => { await app.close() })
  const listener = await listenForMetrics(app, { HOST: '127.0.0.1', METRICS_PORT, LOG_LEVEL: 'silent' })
  return { call: createCall(await app.listen({ host: '127.0.0.1', port: 0 })), issuer, listener }
}

t.test('metrics have a port of their own: answers by route and status, the services\' times; the gateway itself has no /metrics', async t => {
  const { call, issuer, listener } = await startWithMetrics(t, 0)
  const token = issuer.tokenOf('ADMIN')
  await call('GET', '/v1/events/canary-id', { token })
  await call('GET', '/v1/users', { token })
  await call('GET', '/v1/users', { token: 'canary.bad.token' })
  t.match(await call('GET', '/metrics', { token }), { status: 404 })
  const ask = createCall(`http://127.0.0.1:${(listener.server.address() as AddressInfo).port}`)
  const { status, body } = await ask('GET', '/metrics')
  t.equal(status, 200)
  t.match(body, 'laurel_request_seconds_count{method="GET",route="/v1/events/:eventId",status="200"} 1')
  t.match(body, 'laurel_request_seconds_count{method="GET",route="/v1/users",status="401"} 1')
  t.match(body, 'laurel_upstream_seconds_count{service="event-service"} 1')
  t.match(body, 'laurel_upstream_seconds_count{service="auth-service"} 1')
  t.match(body, /^nodejs_eventloop_lag_p99_seconds /m)
  t.notMatch(body, 'canary')
  t.match(await ask('GET', '/v1/users', { token }), { status: 404 })
})

t.test('a taken port for metrics stops the start where it was asked for; the default one is done without', async t => {
  const taken = await startStandIn(t)
  await t.rejects(startWithMetrics(t, taken.port), { code: 'EADDRINUSE' })
  const first = await startWithMetrics(t)
  const second = await startWithMetrics(t)
  t.notOk(first.listener.server.listening && second.listener.server.listening, 'one of the two has the port, or somebody else')
  t.match(await second.call('GET', '/health/live'), { status: 200 })
})

t.test('a valid traceparent goes on to the service, another one is replaced', async t => {
  const { call, issuer, upstream } = await startGateway(t)
  const token = issuer.tokenOf('ADMIN')
  await call('GET', '/v1/events', { token, headers: { traceparent } })
  const { headers } = await call('GET', '/v1/events', { token, headers: { traceparent: 'canary' } })
  const id = String(headers.get('x-request-id')).replaceAll('-', '')
  t.same(upstream.arrivals.map(({ headers }) => headers['traceparent']), [traceparent, `00-${id}-${id.slice(16)}-00`])
})

t.test('a browser is told to take every answer for what it says it is', async t => {
  const { call } = await startGateway(t)
  for (const path of ['/v1/events', '/docs', '/openapi.json', '/nothing']) {
    const { headers } = await call('GET', path)
    t.equal(headers.get('x-content-type-options'), 'nosniff', path)
    t.equal(headers.get('referrer-policy'), 'no-referrer')
    t.equal(headers.get('strict-transport-security'), null, 'not over plain HTTP')
  }
})

t.test('the gateway as a process', async t => {
  const issuer = createIssuer()
  const upstream = await startStandIn(t, [issuer.jwk])
  const [port, metricsPort] = [await freePort(), await freePort()]
  const env = { AUTH_URL: upstream.url, EVENT_URL: upstream.url, PORT: String(port), METRICS_PORT: String(metricsPort), RATE_LIMIT_PER_MINUTE: '0', LOG_LEVEL: 'info' }
  const child = startChild(t, new URL('../src/server.ts', import.meta.url), env)
  const url = `http://127.0.0.1:${port}`
  await child.answers(`${url}/health/ready`)
  await child.answers(`http://127.0.0.1:${metricsPort}/metrics`)
  const call = createCall(url)
  const token = issuer.token({ sub: 'kim' })

  t.test('one line a request: who, what, how long here and behind, of which trace; no query', async t => {
    await call('GET', '/v1/events/e-1?limit=canary', { token, headers: { traceparent } })
    await call('GET', '/v1/nothing?canary')
    const lines = () => child.log().filter(({ msg }) => msg === 'request')
    await eventually(async () => lines().length === 2)
    const [through, none] = lines()
    t.match(through, {
      method: 'GET', route: '/v1/events/:eventId', status: 200, userId: 'kim', ms: Number, upstreamMs: Number, requestId: upstream.arrivals[0]?.headers['x-request-id'], traceId: '4bf92f3577b34da6a3ce929d0e0e4736'
    })
    t.match(none, { method: 'GET', route: 'none', status: 404, traceId: /^[0-9a-f]{32}$/ })
    t.notOk('upstreamMs' in (none ?? {}))
    t.notMatch(child.stdout(), 'canary')
  })

  t.test('SIGTERM under load loses no request: what was taken is answered, and it exits with 0', async t => {
    upstream.answer = (request, response) => { request.resume().on('end', () => setTimeout(() => response.end('{}'), 20)) }
    const before = upstream.arrivals.length
    const outcomes: Array<Promise<number | string>> = []
    const sending = setInterval(() => {
      outcomes.push(fetch(`${url}/v1/events`, { headers: { authorization: `Bearer ${token}` } }).then(
        async response => {
          await response.text()
          return response.status
        },
        (error: Error) => (error.cause as { code: string }).code
      ))
    }, 5)
    while (outcomes.length < 50) await new Promise(resolve => setTimeout(resolve, 10))
    child.process.kill('SIGTERM')
    t.same(await child.exited, { code: 0, signal: null })
    clearInterval(sending)
    const seen = await Promise.all(outcomes)
    const answered = seen.filter(outcome => outcome === 200).length
    t.equal(answered, upstream.arrivals.length - before, 'all that it has taken')
    t.ok(answered > 50, 'also after the signal')
    // A connection that nobody has accepted yet is reset when its socket stops to listen.
    t.same(seen.filter(outcome => outcome !== 200 && outcome !== 'ECONNREFUSED' && outcome !== 'ECONNRESET'), [])
    t.equal(child.stderr(), '')
  })
})
