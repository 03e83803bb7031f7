import t, { type Test } from 'tap'
import { createCall } from '../../kit/http/client.ts'
import { eventually } from '../../kit/run/eventually.ts'
import { startChild, type Child } from '../../kit/servers/child.ts'
import { serverEnvironment } from '../../kit/servers/environment.ts'
import { activeEvent } from '../../kit/servers/events.ts'
import { startCollector, type CollectedSpan } from '../../kit/stand-ins/collector.ts'
import { adminPassword, checkLogs, grantReward, serverNames } from './logs.ts'

/** Starts the three servers as processes, with all log levels on. `call` sends requests to the gateway. */
async function startAll (t: Test, overrides: Readonly<Record<string, string>>) {
  const { urls, env: own } = await serverEnvironment(t)
  const env = { ...own, ADMIN_PASSWORD: adminPassword, LOG_LEVEL: 'trace', ...overrides }
  const children = serverNames.map(name =>
    startChild(t, new URL(`../../../${name}/src/server.ts`, import.meta.url), env))
  await children.at(-1)?.answers(`${urls.gateway}/health/ready`)
  return { children, call: createCall(urls.gateway) }
}

async function stopAll (t: Test, children: readonly Child[]): Promise<void> {
  for (const child of children) child.process.kill('SIGTERM')
  for (const child of children) t.same(await child.exited, { code: 0, signal: null })
}

/** A trace of a client, in which it sends one request. */
const clientSpan = 'b7ad6b7169203331'
const traceparent = (traceId: string): string => `00-${traceId}-${clientSpan}-01`
const traceIds = {
  login: 'a'.repeat(32),
  claim: 'b'.repeat(32),
  refused: 'c'.repeat(32),
  webhook: 'd'.repeat(32),
  later: 'e'.repeat(32),
  last: 'f'.repeat(32)
}

const login = { email: 'admin@example.com', password: adminPassword }

t.test('with a collector, one trace leads from the client through the gateway to MongoDB', async t => {
  const collector = await startCollector(t)
  const { children, call } = await startAll(t, {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, WEBHOOK_ALLOW: '127.0.0.1'
  })

  async function spanOf (service: string, traceId: string, name: string): Promise<CollectedSpan> {
    return await eventually(async () => collector.spans.find(span =>
      span.service === service && span.traceId === traceId && span.name === name))
  }
  async function childrenOf (parent: CollectedSpan, name: string): Promise<CollectedSpan> {
    return await eventually(async () => collector.spans.find(span =>
      span.parentSpanId === parent.spanId && span.traceId === parent.traceId && span.name === name))
  }

  const { body: { accessToken: token } } = await call('POST', '/v1/auth/login', {
    body: login, headers: { traceparent: traceparent(traceIds.login) }
  })
  const eventId = await activeEvent(call, token, { aggregation: 'count', activity: 'user.login', target: 1 }, [
    { type: 'ITEM', name: 'canary-reward', itemId: 'canary-item', amount: 1, stock: 100 }
  ])
  const claims = `/v1/events/${eventId}/claims`

  await t.test('a login has spans for auth-service, its commands, and its call to event-service', async t => {
    const atGateway = await spanOf('gateway', traceIds.login, 'POST /v1/auth/login')
    t.match(atGateway, {
      parentSpanId: clientSpan,
      attributes: {
        'http.request.method': 'POST',
        'http.route': '/v1/auth/login',
        'url.path': '/v1/auth/login',
        'http.response.status_code': 200
      }
    })
    const atAuth = await childrenOf(atGateway, 'POST /v1/auth/login')
    t.equal(atAuth.service, 'auth-service')
    t.match((await childrenOf(atAuth, 'find users')).attributes, {
      'db.system.name': 'mongodb',
      'db.operation.name': 'find',
      'db.collection.name': 'users',
      'server.address': '127.0.0.1'
    })
    t.equal((await childrenOf(atAuth, 'POST /internal/activities')).service, 'event-service')
  })

  await t.test('the request of a claim is linked with its batch, and the commands belong to the batch', async t => {
    const headers = { traceparent: traceparent(traceIds.claim), 'idempotency-key': 'canary-key' }
    const claim = await call('POST', claims, { token, headers, body: {} })
    t.equal(claim.status, 201)
    const atGateway = await spanOf('gateway', traceIds.claim, 'POST /v1/events/:eventId/claims')
    t.match(atGateway, { parentSpanId: clientSpan, attributes: { 'url.path': claims } })
    const request = await childrenOf(atGateway, 'POST /v1/events/:eventId/claims')
    t.equal(request.service, 'event-service')
    t.equal(request.attributes['laurel.request_id'], claim.headers.get('x-request-id'))

    const [link] = request.links
    const batch = await spanOf('event-service', String(link?.traceId), 'batch claims')
    t.match(link, { spanId: batch.spanId })
    t.match(batch, { links: [{ traceId: request.traceId, spanId: request.spanId }] })
    t.equal(batch.attributes['laurel.batch.requests'], 1)
    const commands = [
      'find events', 'aggregate activities', 'findAndModify stock', 'insert claims', 'update stock'
    ]
    for (const command of commands) {
      t.equal((await childrenOf(batch, command)).service, 'event-service', command)
    }
    const logged = await eventually(async () => children[1]?.log().find(({ requestId, msg }) =>
      msg === 'request' && requestId === request.attributes['laurel.request_id']))
    t.equal(logged['traceId'], traceIds.claim, 'the log names the trace')
  })

  await t.test('a refused claim is not a server error, and its code is in the spans', async t => {
    const headers = { traceparent: traceparent(traceIds.refused) }
    t.equal((await call('POST', claims, { token, headers })).status, 409)
    for (const service of ['gateway', 'event-service']) {
      t.match(await spanOf(service, traceIds.refused, 'POST /v1/events/:eventId/claims'), {
        attributes: { 'http.response.status_code': 409, 'laurel.error_code': 'ALREADY_CLAIMED' },
        status: { code: 0 }
      })
    }
  })

  await t.test('concurrent requests share a batch, and each of them is linked with it', async t => {
    const progress = `/v1/events/${eventId}/progress`
    await Promise.all(Array.from({ length: 20 }, async () => await call('GET', progress, { token })))
    const requests = await eventually(async () => {
      const found = collector.spans.filter(({ service, name }) =>
        service === 'event-service' && name === 'GET /v1/events/:eventId/progress')
      return found.length === 20 && found
    })
    for (const { spanId, links } of requests) {
      const batch = await spanOf('event-service', String(links[0]?.traceId), 'batch progress')
      t.ok(batch.links.some(link => link.spanId === spanId))
    }
  })

  await t.test('a query string, a path with other segments than ids, and an unknown path disclose nothing', async t => {
    t.equal((await call('GET', '/v1/users?q=canary', { token })).status, 200)
    t.equal((await call('GET', '/v1/users/canary@example.com', { token })).status, 404)
    t.equal((await call('GET', `/v1/${'longword'.repeat(15)}/x`, { token })).status, 404)
    await eventually(async () => collector.spans.some(({ attributes }) => attributes['url.path'] === '/v1/users/*'))
    t.match(await eventually(async () => collector.spans.find(({ attributes }) =>
      attributes['url.path'] === '/v1/*/x')), { name: 'GET' })
  })

  await t.test('background work that a request triggers does not belong to its trace', async t => {
    const headers = { traceparent: traceparent(traceIds.webhook) }
    const body = { url: 'http://127.0.0.1:1/', types: ['claim.granted'] }
    t.equal((await call('POST', '/v1/webhooks', { token, headers, body })).status, 201)
    await spanOf('event-service', traceIds.webhook, 'POST /v1/webhooks')
    await call('GET', `/v1/events/${eventId}`, { token, headers: { traceparent: traceparent(traceIds.later) } })
    await spanOf('event-service', traceIds.later, 'GET /v1/events/:eventId')
    const commands = collector.spans.filter(({ traceId, attributes }) =>
      traceId === traceIds.webhook && 'db.system.name' in attributes)
    t.ok(commands.length > 0)
    t.notMatch(commands.map(({ name }) => name).join(), /claims|deliveries/)
  })

  const story = await grantReward(t, call)

  await t.test('SIGTERM: the remaining spans are sent, and the server exits with 0', async t => {
    const headers = { traceparent: traceparent(traceIds.last) }
    t.equal((await call('GET', '/v1/users/me', { token, headers })).status, 200)
    await stopAll(t, children)
    for (const service of ['gateway', 'auth-service']) {
      t.ok(collector.spans.some(span => span.service === service && span.traceId === traceIds.last), service)
    }
  })

  await t.test('three processes grant a reward, and their logs contain no password, token or body', async t => {
    checkLogs(t, children, story)
  })

  t.notMatch(collector.received, /canary(?!-admin)|longword|admin@|canary-admin|Bearer|eyJ/, 'no value of a client')
  t.notMatch(collector.received, /health|jwks|revocations/, 'polling requests are not traced')
  const roots = collector.spans.filter(({ parentSpanId }) => parentSpanId === undefined)
  t.same(roots.filter(({ attributes }) => 'db.system.name' in attributes), [], 'background work is not traced')
})
