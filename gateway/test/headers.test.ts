import t from 'tap'
import { rawRequest, sendRaw } from '../../test/kit/socket.ts'
import { startGateway } from './support/gateway.ts'

const gateway = await startGateway(t)
const { call, port, upstream, issuer } = gateway
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

async function arrivalOf (headers: readonly string[], requestLine = 'GET /v1/events', body = '') {
  upstream.arrivals.length = 0
  const answer = await sendRaw(port, rawRequest(requestLine, [`authorization: Bearer ${issuer.tokenOf('ADMIN')}`, ...headers], body))
  return { answer, arrival: upstream.arrivals[0] }
}

t.test('identity is the token\'s alone: no header that a client adds reaches a service', async t => {
  const { arrival } = await arrivalOf([
    'X-User-Id: root', 'X-User-Role: ADMIN', 'X_User_Id: root', 'X-Forwarded-For: 10.0.0.1', 'X-Forwarded-Host: evil.example',
    'X-Forwarded-Proto: https', 'X-Original-URL: /v1/users', 'X-Rewrite-URL: /v1/users', 'X-HTTP-Method-Override: DELETE', 'Forwarded: for=10.0.0.1',
    'X-Real-IP: 10.0.0.1', 'Cookie: role=ADMIN', 'Expect: 100-continue', 'TE: trailers', 'Keep-Alive: timeout=100', 'Via: 1.1 evil', 'Origin: http://evil.example'
  ])
  t.same(Object.keys(arrival?.headers ?? {}).sort(), ['authorization', 'connection', 'host', 'traceparent', 'x-forwarded-for', 'x-request-id'])
  t.equal(arrival?.headers['x-forwarded-for'], '127.0.0.1', 'it says who really came')
  t.equal(arrival?.headers.host, `127.0.0.1:${upstream.port}`)
})

t.test('what a service reads is passed on as it came', async t => {
  const sent = { accept: 'text/csv', 'if-match': '"3"', 'idempotency-key': 'try 1', 'user-agent': 'a test', 'content-type': 'application/json; charset=utf-8', 'content-length': '2' }
  const { arrival } = await arrivalOf(Object.entries(sent).map(([name, value]) => `${name}: ${value}`), 'PATCH /v1/events/e-1', '{}')
  t.match(arrival, { method: 'PATCH', url: '/v1/events/e-1', headers: sent, body: '{}' })
})

t.test('the query is passed on as it came', async t => {
  const { arrival } = await arrivalOf([], 'GET /v1/events?limit=5&q=a%20b+c&unknown=%2e%2e/')
  t.equal(arrival?.url, '/v1/events?limit=5&q=a%20b+c&unknown=%2e%2e/')
})

t.test('a name that Connection lists does not take away what the gateway adds', async t => {
  const { arrival } = await arrivalOf(['Connection: close, x-request-id, x-forwarded-for, host'])
  t.match(arrival?.headers, { host: String, 'x-request-id': uuid, 'x-forwarded-for': '127.0.0.1' })
})

t.test('a name that Connection lists goes no further, so nobody can smuggle the token away from one hop', async t => {
  const { arrival } = await arrivalOf(['Connection: close, if-match', 'If-Match: "1"'], 'GET /v1/events/e-1')
  t.notOk(arrival?.headers['if-match'])
})

t.test('of two Authorization lines one reaches the service: the one that the gateway has checked', async t => {
  const { answer, arrival } = await arrivalOf(['Authorization: Bearer second.second.second'])
  t.equal(answer.status, 200)
  t.equal(arrival?.rawHeaders.filter(name => name.toLowerCase() === 'authorization').length, 1)
  t.notMatch(arrival?.headers.authorization, 'second')
})

t.test('x-request-id is made here, told to the client and to the service; a client\'s own is ignored', async t => {
  const { answer, arrival } = await arrivalOf(['X-Request-Id: 00000000-0000-4000-8000-000000000000'])
  const id = arrival?.headers['x-request-id']
  t.match(id, uuid)
  t.not(id, '00000000-0000-4000-8000-000000000000')
  t.match(answer.head, `x-request-id: ${String(id)}`)
})

t.test('every request has an x-request-id of its own', async t => {
  const ids = await Promise.all(Array.from({ length: 20 }, async () => (await call('GET', '/v1/events', { token: issuer.tokenOf('USER') })).headers.get('x-request-id')))
  t.equal(new Set(ids).size, 20)
})

t.test('a GET with a body is answered as one without: the body goes no further', async t => {
  const { answer, arrival } = await arrivalOf(['Content-Type: application/json', 'Content-Length: 2'], 'GET /v1/events', '{}')
  t.equal(answer.status, 200)
  t.match(arrival, { body: '', headers: { 'content-length': undefined, 'transfer-encoding': undefined } })
})

t.test('an answer carries what the service says, but nothing of one connection and of what runs behind', async t => {
  upstream.answer = (_request, response) => {
    response.writeHead(200, {
      'content-type': 'text/csv',
      etag: '"7"',
      'retry-after': '3',
      'idempotent-replayed': 'true',
      Server: 'secret/1.0',
      'X-Powered-By': 'secret',
      connection: 'keep-alive, X-Hop',
      'x-hop': 'secret',
      'keep-alive': 'timeout=77',
      'proxy-connection': 'keep-alive',
      trailer: 'x-secret',
      te: 'trailers',
      upgrade: 'secret',
      'x-request-id': 'another'
    }).end('a,b')
  }
  const { answer, arrival } = await arrivalOf([])
  t.equal(answer.status, 200)
  for (const kept of ['content-type: text/csv', 'etag: "7"', 'retry-after: 3', 'idempotent-replayed: true', 'connection: close']) t.match(answer.head, kept)
  t.notMatch(answer.head, /secret|x-hop|timeout=77|^(server|x-powered-by|proxy-connection|trailer|te|upgrade):/m)
  t.match(answer.head, `x-request-id: ${String(arrival?.headers['x-request-id'])}`, 'the id stays the gateway\'s')
})
