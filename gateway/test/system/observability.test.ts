import t from 'tap'
import { startBuilt } from '../../../test/kit/servers/child.ts'
import { createCall } from '../../../test/kit/http/client.ts'
import { eventually } from '../../../test/kit/run/eventually.ts'
import { createIssuer } from '../../../test/kit/tokens/issuer.ts'
import { freePort } from '../../../test/kit/servers/ports.ts'
import { startCollector } from '../../../test/kit/stand-ins/collector.ts'
import { startStandIn, type Arrival } from '../../../test/kit/stand-ins/services.ts'

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const traceparent = `00-${traceId}-00f067aa0ba902b7-01`

t.test('the gateway as a process', async t => {
  const issuer = createIssuer()
  const upstream = await startStandIn(t, [issuer.jwk])
  const collector = await startCollector(t)
  const [port, metricsPort] = [await freePort(), await freePort()]
  const child = startBuilt(t, 'gateway', {
    AUTH_URL: upstream.url,
    EVENT_URL: upstream.url,
    PORT: String(port),
    METRICS_PORT: String(metricsPort),
    RATE_LIMIT_PER_MINUTE: '0',
    LOG_LEVEL: 'info',
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_TRACES_SAMPLER_ARG: '0'
  })
  const url = `http://127.0.0.1:${port}`
  await child.answers(`${url}/health/ready`)
  await child.answers(`http://127.0.0.1:${metricsPort}/metrics`)
  const call = createCall(url)
  const token = issuer.token({ sub: 'kim' })
  let sampled: Arrival | undefined

  t.test('each request is logged in one line, without its query', async t => {
    await call('GET', '/v1/events/e-1?limit=canary', { token, headers: { traceparent } })
    await call('GET', `/v1/nothing/${'x'.repeat(300)}?canary`)
    await call('GET', '/v1/claims', { token: issuer.tokenOf('USER') })
    upstream.answer = (_request, response) => {
      const body = '{"status":409,"code":"OUT_OF_STOCK"}'
      response.writeHead(409, { 'content-type': 'application/problem+json', 'content-length': body.length }).end(body)
    }
    await call('POST', '/v1/claims/c-1/reject', { token, body: {} })
    // Neither of these is a problem document with a code: one has a different body, and the other is streamed.
    upstream.answer = (_request, response) => { response.writeHead(500, { 'content-length': 4 }).end('oops') }
    await call('GET', '/v1/events', { token })
    upstream.answer = (_request, response) => { response.writeHead(500).end('oops') }
    await call('GET', '/v1/events', { token })
    sampled = upstream.arrivals[0]
    const lines = () => child.log().filter(({ msg }) => msg === 'request')
    await eventually(async () => lines().length === 6)
    const [forwarded, notFound, forbidden, refused, ...failures] = lines()
    t.match(forwarded, {
      method: 'GET',
      route: '/v1/events/:eventId',
      status: 200,
      userId: 'kim',
      ms: Number,
      upstreamMs: Number,
      requestId: upstream.arrivals[0]?.headers['x-request-id'],
      traceId,
      client: '127.0.0.1',
      eventId: 'e-1'
    })
    t.notOk('code' in (forwarded ?? {}), 'a success has no code')
    t.match(notFound, {
      method: 'GET',
      route: 'none',
      path: `/v1/nothing/${'x'.repeat(188)}`,
      status: 404,
      code: 'NOT_FOUND',
      traceId: /^[0-9a-f]{32}$/
    })
    t.match(forbidden, { route: '/v1/claims', status: 403, code: 'FORBIDDEN' })
    t.notOk('path' in (forbidden ?? {}), 'the route says enough')
    for (const line of failures) t.notOk('code' in line)
    t.match(refused, { status: 409, code: 'OUT_OF_STOCK', claimId: 'c-1' }, 'the code of a service')
    t.notOk('upstreamMs' in (notFound ?? {}))
    t.notMatch(child.stdout(), 'canary')
  })

  t.test('SIGTERM under load loses no accepted request, and the process exits with 0', async t => {
    upstream.answer = (request, response) => {
      request.resume().on('end', () => setTimeout(() => response.end('{}'), 20))
    }
    const before = upstream.arrivals.length
    const outcomes: Array<Promise<number | string>> = []
    const send = async (): Promise<number | string> => {
      try {
        const response = await fetch(`${url}/v1/events`, { headers: { authorization: `Bearer ${token}` } })
        await response.text()
        return response.status
      } catch (error) {
        return ((error as Error).cause as { code: string }).code
      }
    }
    const sending = setInterval(() => { outcomes.push(send()) }, 5)
    await eventually(async () => outcomes.length >= 50)
    child.process.kill('SIGTERM')
    t.same(await child.exited, { code: 0, signal: null })
    clearInterval(sending)
    const results = await Promise.all(outcomes)
    const answered = results.filter(outcome => outcome === 200).length
    t.equal(answered, upstream.arrivals.length - before, 'every accepted request')
    t.ok(answered > 50, 'requests after the signal are answered too')
    // When the socket stops listening, the kernel resets connections that no process has accepted. An idle connection
    // can close (UND_ERR_SOCKET) while a request is in transit, which then does not reach any process.
    const expected = new Set<number | string>([200, 'ECONNREFUSED', 'ECONNRESET', 'UND_ERR_SOCKET'])
    t.same(results.filter(outcome => !expected.has(outcome)), [])
    t.equal(child.stderr(), '')
  })

  t.test('with a sampling ratio of 0, nothing is sampled, even if a client requests it', async t => {
    t.equal(collector.received, '')
    t.match(sampled, { headers: { traceparent: new RegExp(`^00-${traceId}-[0-9a-f]{16}-00$`) } })
    t.ok(child.log().some(line => line['traceId'] === traceId), 'the log names the trace of the client')
  })
})
