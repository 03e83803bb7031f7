import t from 'tap'
import { rawRequest, sendRaw } from '../../../../test/kit/http/socket.ts'
import { startGateway } from '../../support/gateway.ts'

const { port, upstream, issuer } = await startGateway(t)
const credentials = [`authorization: Bearer ${issuer.tokenOf('ADMIN')}`]

async function send (requestLine: string) {
  upstream.arrivals.length = 0
  return await sendRaw(port, rawRequest(requestLine, credentials))
}

t.test('200: the paths of the contracts reach the service unchanged', async t => {
  for (const [method, path] of [
    ['GET', '/v1/events'],
    ['GET', '/v1/events/e-1'],
    ['GET', '/v1/events/a_b-C9'],
    ['POST', '/v1/events/e-1/claims'],
    ['GET', '/v1/users/me'],
    ['GET', `/v1/events/${'x'.repeat(128)}`],
    ['GET', '/v1/events?q=..%2f']
  ] as const) {
    t.equal((await send(`${method} ${path}`)).status, 200, path)
    t.equal(upstream.arrivals[0]?.url, path)
  }
})

const dotSegments = [
  '/v1/events/../users',
  '/v1/events/..',
  '/v1/./events',
  '/v1/events/.',
  '/../v1/events',
  '/v1/events/e-1/../../users/u-1'
]
const encodedPaths = [
  '/v1/%2e%2e/users',
  '/v1/events/%2e%2e/users',
  '/v1/events/%2E%2E%2Fusers',
  '/v1/events/%252e%252e/users',
  '/v1/events/.%2e/users',
  '/v1/events/..%2fusers',
  '/v1/events/..%5cusers',
  '/v1/events/%00',
  '/v1/events/e-1%00',
  '/v1/events/%0d%0ahost:%20evil',
  '/v1/events/%',
  '/v1/events/%zz',
  '/v1/events/%ff',
  '/v1/%65vents',
  '/%76%31/events',
  '/v1/events/e%2d1'
]
const otherSpellings = [
  '/v1/events\\..\\users',
  '//v1/events',
  '/v1//events',
  '/v1/events//e-1',
  '/v1/events/e-1//claims',
  '/v1/events;x',
  '/v1/events;x=1/e-1',
  '/v1/events/;/claims',
  '/v1/events/e-1;claims',
  '/v1/events/',
  '/v1/events/e-1/',
  '/V1/events',
  '/v1/Events',
  '/v1/EVENTS/e-1',
  '/v1/events#x',
  '/v1/events/é',
  '/v1/events/~',
  '/v1/events/*',
  '/v1/events/:eventId',
  '/v1/events/e-1/claims/x',
  `/v1/events/${'x'.repeat(300)}`,
  '/v1',
  '/v1/'
]
const otherTargets = [
  'http://evil.example/v1/events',
  'https://127.0.0.1/v1/events',
  'http://laurel/v1/events',
  'file:///etc/passwd',
  '*',
  'v1/events',
  '?/v1/events',
  '.',
  ''
]

for (const target of [...dotSegments, ...encodedPaths, ...otherSpellings, ...otherTargets]) {
  t.test(`404 or 400, and no service receives it: ${target.slice(0, 40)}`, async t => {
    for (const method of ['GET', 'POST']) {
      const { status, text } = await send(`${method} ${target}`)
      t.ok([400, 404].includes(status), `${method}: ${status}`)
      t.match(text, 'application/problem+json')
      t.match(text, /x-request-id: [0-9a-f-]{36}/)
      t.same(upstream.arrivals, [])
    }
  })
}

const unlisted = [
  '/internal/activities',
  '/internal/revocations',
  '/metrics',
  '/v1/nothing',
  '/v1/events/e-1/nothing',
  '/v2/events',
  '/health',
  '/health/ready/x',
  '/docs/nothing',
  '/docs/static/nothing',
  '/admin',
  '/.well-known/nothing',
  '/openapi.yaml',
  '/documentation'
]

t.test('404 for a path that no contract lists, even for an ADMIN', async t => {
  for (const path of unlisted) {
    for (const method of ['GET', 'POST', 'PUT']) {
      const { status, text } = await send(`${method} ${path}`)
      t.equal(status, 404, `${method} ${path}`)
      t.match(text, '"code":"NOT_FOUND"')
      t.same(upstream.arrivals, [])
    }
  }
})

t.test('405 with Allow for another method on a path of a contract', async t => {
  for (const [line, allow] of [
    ['DELETE /v1/events', 'GET, HEAD, POST'],
    ['PUT /v1/events/e-1', 'DELETE, GET, HEAD, PATCH'],
    ['GET /v1/auth/login', 'POST'],
    ['HEAD /v1/auth/login', 'POST'],
    ['PATCH /v1/users/me/wallet', 'GET, HEAD'],
    ['OPTIONS /v1/events', 'GET, HEAD, POST'],
    ['TRACE /v1/events', 'GET, HEAD, POST'],
    ['PROPFIND /v1/events', 'GET, HEAD, POST'],
    ['POST /health/ready', 'GET, HEAD'],
    ['POST /openapi.json', 'GET, HEAD'],
    ['DELETE /docs', 'GET, HEAD'],
    ['POST /', 'GET, HEAD'],
    ['POST /.well-known/jwks.json', 'GET, HEAD']
  ] as const) {
    const { status, head } = await send(line)
    t.equal(status, 405, line)
    t.match(head, `allow: ${allow.toLowerCase()}\r\n`)
    t.match(head, 'application/problem+json')
    t.same(upstream.arrivals, [])
  }
})

t.test('200 for HEAD wherever GET is 200, without a body', async t => {
  for (const path of ['/v1/events', '/health/live', '/openapi.json', '/.well-known/jwks.json']) {
    const { status, text } = await send(`HEAD ${path}`)
    t.equal(status, 200, path)
    t.match(text, /\r\n\r\n$/)
  }
})

t.test('400 for an invalid method', async t => {
  t.match(await send('get /v1/events'), { status: 400, text: 'application/problem+json' })
  t.same(upstream.arrivals, [])
})

t.test('CONNECT opens no tunnel: the connection is closed', async t => {
  t.equal((await send(`CONNECT 127.0.0.1:${upstream.port}`)).text, '')
})
