import t from 'tap'
import { rawRequest, sendRaw } from '../../../../test/kit/http/socket.ts'
import { startGateway } from '../../support/gateway.ts'

const { call, port, upstream, issuer } = await startGateway(t)
const authorization = `authorization: Bearer ${issuer.tokenOf('ADMIN')}`
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

/** Sends a request and returns the response, and the request that the service received. */
async function send (headers: readonly string[], requestLine = 'GET /v1/events', body = '') {
  upstream.arrivals.length = 0
  const answer = await sendRaw(port, rawRequest(requestLine, [authorization, ...headers], body))
  return { answer, arrival: upstream.arrivals[0] }
}

t.test('identity comes from the token only: no other header of a client reaches a service', async t => {
  const { arrival } = await send([
    'X-User-Id: root',
    'X-User-Role: ADMIN',
    'X_User_Id: root',
    'X-Forwarded-For: 10.0.0.1',
    'X-Forwarded-Host: evil.example',
    'X-Forwarded-Proto: https',
    'X-Original-URL: /v1/users',
    'X-Rewrite-URL: /v1/users',
    'X-HTTP-Method-Override: DELETE',
    'Forwarded: for=10.0.0.1',
    'X-Real-IP: 10.0.0.1',
    'Cookie: role=ADMIN',
    'Expect: 100-continue',
    'TE: trailers',
    'Keep-Alive: timeout=100',
    'Via: 1.1 evil',
    'Origin: http://evil.example'
  ])
  const received = Object.keys(arrival?.headers ?? {}).sort()
  t.same(received, ['authorization', 'connection', 'host', 'traceparent', 'x-forwarded-for', 'x-request-id'])
  t.equal(arrival?.headers['x-forwarded-for'], '127.0.0.1', 'the address of the connection')
  t.equal(arrival?.headers.host, `127.0.0.1:${upstream.port}`)
})

t.test('the headers that a service reads are forwarded unchanged', async t => {
  const sent = {
    accept: 'text/csv',
    'if-match': '"3"',
    'idempotency-key': 'try 1',
    'user-agent': 'a test',
    'content-type': 'application/json; charset=utf-8',
    'content-length': '2'
  }
  const lines = Object.entries(sent).map(([name, value]) => `${name}: ${value}`)
  const { arrival } = await send(lines, 'PATCH /v1/events/e-1', '{}')
  t.match(arrival, { method: 'PATCH', url: '/v1/events/e-1', headers: sent, body: '{}' })
})

t.test('the query is forwarded unchanged', async t => {
  const { arrival } = await send([], 'GET /v1/events?limit=5&q=a%20b+c&unknown=%2e%2e/')
  t.equal(arrival?.url, '/v1/events?limit=5&q=a%20b+c&unknown=%2e%2e/')
})

t.test('Connection cannot remove the headers that the gateway adds', async t => {
  const { arrival } = await send(['Connection: close, x-request-id, x-forwarded-for, host'])
  t.match(arrival?.headers, { host: String, 'x-request-id': uuid, 'x-forwarded-for': '127.0.0.1' })
})

t.test('a header that Connection lists is not forwarded', async t => {
  const { arrival } = await send(['Connection: close, if-match', 'If-Match: "1"'], 'GET /v1/events/e-1')
  t.notOk(arrival?.headers['if-match'])
})

t.test('if there are two Authorization headers, the service receives only the verified one', async t => {
  const { answer, arrival } = await send(['Authorization: Bearer second.second.second'])
  t.equal(answer.status, 200)
  t.equal(arrival?.rawHeaders.filter(name => name.toLowerCase() === 'authorization').length, 1)
  t.notMatch(arrival?.headers.authorization, 'second')
})

t.test('the gateway creates x-request-id for the client and the service, and ignores the client\'s header', async t => {
  const { answer, arrival } = await send(['X-Request-Id: 00000000-0000-4000-8000-000000000000'])
  const id = arrival?.headers['x-request-id']
  t.match(id, uuid)
  t.not(id, '00000000-0000-4000-8000-000000000000')
  t.match(answer.head, `x-request-id: ${String(id)}`)
})

t.test('every request has its own x-request-id', async t => {
  const token = issuer.tokenOf('USER')
  const answers = await Promise.all(Array.from({ length: 20 }, async () => await call('GET', '/v1/events', { token })))
  t.equal(new Set(answers.map(({ headers }) => headers.get('x-request-id'))).size, 20)
})

t.test('the body of a GET is not forwarded', async t => {
  const headers = ['Content-Type: application/json', 'Content-Length: 2']
  const { answer, arrival } = await send(headers, 'GET /v1/events', '{}')
  t.equal(answer.status, 200)
  t.match(arrival, { body: '', headers: { 'content-length': undefined, 'transfer-encoding': undefined } })
})

t.test('a client receives only the allowed headers of a service', async t => {
  const kept = {
    'content-type': 'text/csv',
    'content-disposition': 'attachment; filename="claims.csv"',
    'cache-control': 'private',
    etag: '"7"',
    'retry-after': '3',
    'idempotent-replayed': 'true',
    allow: 'GET',
    'www-authenticate': 'Bearer'
  }
  upstream.answer = (_request, response) => {
    response.writeHead(200, {
      ...kept,
      Server: 'secret/1.0',
      'X-Powered-By': 'secret',
      connection: 'keep-alive, X-Hop',
      'x-hop': 'secret',
      'keep-alive': 'timeout=77',
      'proxy-connection': 'keep-alive',
      trailer: 'x-secret',
      te: 'trailers',
      upgrade: 'secret',
      location: 'http://secret.internal/',
      'set-cookie': 'secret=1',
      'access-control-allow-origin': 'http://secret.example',
      'content-encoding': 'secret',
      'x-internal': 'secret',
      'x-request-id': 'another'
    }).end('a,b')
  }
  const { answer, arrival } = await send([])
  t.equal(answer.status, 200)
  for (const [name, value] of Object.entries(kept)) t.match(answer.head, `${name}: ${value}`.toLowerCase())
  t.match(answer.head, 'connection: close')
  t.notMatch(answer.head, /secret|x-hop|timeout=77|^(server|x-powered-by|proxy-connection|trailer|te|upgrade):/m)
  t.notMatch(answer.head, /^(location|set-cookie|access-control-allow-origin|content-encoding|x-internal):/m)
  t.match(answer.head, `x-request-id: ${String(arrival?.headers['x-request-id'])}`, 'the gateway\'s own id')
})
