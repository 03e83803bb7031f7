import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { createCall } from '../../../../test/kit/http/client.ts'
import { startStandIn } from '../../../../test/kit/stand-ins/services.ts'
import { startMetricsServer } from '../../../src/metrics/metrics-server.ts'
import { buildGateway } from '../../support/gateway.ts'

interface Ports {
  readonly METRICS_PORT?: number
  readonly defaultPort?: number
}

async function startWithMetrics (t: Test, { METRICS_PORT, defaultPort }: Ports) {
  const { app, issuer } = await buildGateway(t)
  const settings = { HOST: '127.0.0.1', METRICS_PORT, LOG_LEVEL: 'silent' } as const
  const server = await startMetricsServer(app, settings, defaultPort)
  return { call: createCall(await app.listen({ host: '127.0.0.1', port: 0 })), issuer, server }
}

t.test('metrics have their own port and count responses by route and status; /metrics is not public', async t => {
  const { call, issuer, server } = await startWithMetrics(t, { METRICS_PORT: 0 })
  const token = issuer.tokenOf('ADMIN')
  await call('GET', '/v1/events/canary-id', { token })
  await call('GET', '/v1/users', { token })
  await call('GET', '/v1/users', { token: 'canary.bad.token' })
  t.match(await call('GET', '/metrics', { token }), { status: 404 })

  const callMetrics = createCall(`http://127.0.0.1:${(server.server.address() as AddressInfo).port}`)
  const { status, body } = await callMetrics('GET', '/metrics')
  t.equal(status, 200)
  t.match(body, 'laurel_request_seconds_count{method="GET",route="/v1/events/:eventId",status="200"} 1')
  t.match(body, 'laurel_request_seconds_count{method="GET",route="/v1/users",status="401"} 1')
  t.match(body, 'laurel_upstream_seconds_count{service="event-service"} 1')
  t.match(body, 'laurel_upstream_seconds_count{service="auth-service"} 1')
  t.match(body, /^laurel_build_info\{server="gateway",version="\d+\.\d+\.\d+",node="\d+\.\d+\.\d+"\} 1$/m)
  t.match(body, 'laurel_requests_in_flight 0')
  t.match(body, /^laurel_revocation_feed_age_seconds [01]\.\d+$/m)
  for (const limit of ['address', 'user', 'sign-in', 'registration']) {
    t.match(body, `laurel_limit_hits_total{limit="${limit}"} 0`)
  }
  t.match(body, /^nodejs_eventloop_lag_p99_seconds /m)
  t.notMatch(body, 'canary')
  t.match(await callMetrics('GET', '/v1/users', { token }), { status: 404 })
})

t.test('the start fails if METRICS_PORT is in use', async t => {
  const other = await startStandIn(t)
  await t.rejects(startWithMetrics(t, { METRICS_PORT: other.port }), { code: 'EADDRINUSE' })
})

t.test('the gateway runs without metrics if the default port is in use', async t => {
  const other = await startStandIn(t)
  const { call, server } = await startWithMetrics(t, { defaultPort: other.port })
  t.notOk(server.server.listening)
  t.match(await call('GET', '/health/live'), { status: 200 })
})

t.test('the metrics use the default port if it is free', async t => {
  const { server } = await startWithMetrics(t, { defaultPort: 0 })
  t.ok(server.server.listening)
})
