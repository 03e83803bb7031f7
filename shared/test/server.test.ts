import type { AddressInfo } from 'node:net'
import { addHealth, type Check } from '@laurel/shared/http'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { openSocket, rawRequest, sendRaw } from '../../test/kit/socket.ts'
import { Anything, echoService, quietService } from './support/service.ts'

const app = echoService(Anything)
app.get('/', async () => ({ ok: true }))
app.get('/slow', async () => await sleep(200, { ok: true }))
await app.listen({ host: '127.0.0.1', port: 0 })
t.teardown(async () => { await app.close() })
const { port } = app.server.address() as AddressInfo

/** What every answer to something that is no request must be. */
function refusal (status: number, code: string) {
  return { status, head: /content-type: application\/problem\+json[^]*x-request-id: [0-9a-f-]{36}[^]*connection: close/, body: new RegExp(`^{"type":"about:blank".*"status":${status},.*"code":"${code}","requestId":"[0-9a-f-]{36}"}$`) }
}

for (const [name, bytes] of [
  ['garbage', 'hello\r\n\r\n'], ['a TLS hello', Buffer.from('160301020001000', 'hex')], ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'], ['no such version', 'GET / HTTP/9.9\r\nhost: x\r\n\r\n'],
  ['a header without a colon', 'GET / HTTP/1.1\r\nhost: x\r\nnonsense\r\n\r\n'], ['a NUL in a header', 'GET / HTTP/1.1\r\nhost: x\r\na: \0\r\n\r\n'], ['a bare line feed before a header', 'GET / HTTP/1.1\r\nhost: x\r\na: b\rc: d\r\n\r\n'],
  ['a space in a header name', 'GET / HTTP/1.1\r\nhost : x\r\n\r\n'], ['a bare CR in the path', 'GET /\r HTTP/1.1\r\nhost: x\r\n\r\n']
] as const) {
  t.test(`400: ${name}`, async t => { t.match(await sendRaw(port, bytes), refusal(400, 'BAD_REQUEST')) })
}

t.test('405: an address that is named has its own methods, not those of an id', async t => {
  const app = quietService()
  app.get('/v1/things/:thingId', async () => ({}))
  app.post('/v1/things/review', async () => ({}))
  t.match(await app.inject({ method: 'PUT', url: '/v1/things/review' }), { statusCode: 405, headers: { allow: 'POST' } })
  t.match(await app.inject({ method: 'PUT', url: '/v1/things/other' }), { statusCode: 405, headers: { allow: 'GET' } })
})

t.test('431: headers beyond 16 kB, twice what the gateway takes; 414: an address that is', async t => {
  t.match(await sendRaw(port, rawRequest('GET /', [`x: ${'y'.repeat(16_400)}`])), refusal(431, 'HEADERS_TOO_LARGE'))
  t.match(await sendRaw(port, rawRequest('GET /', Array.from({ length: 1800 }, (_, index) => `x-${index}: 0123456789`))), refusal(431, 'HEADERS_TOO_LARGE'))
  t.match(await sendRaw(port, rawRequest(`GET /?q=${'y'.repeat(16_400)}`)), refusal(414, 'ADDRESS_TOO_LONG'))
  t.match(await sendRaw(port, rawRequest('GET /', [`x: ${'y'.repeat(15_900)}`])), { status: 200 })
})

t.test('a request has 15 seconds to arrive, its headers 10', async t => {
  t.equal(app.server.requestTimeout, 15_000)
  t.equal(app.server.headersTimeout, 10_000)
})

t.test('408: headers or bodies that do not end; others are answered meanwhile', async t => {
  // The same server with less patience: what is slow is looked for each second.
  app.server.headersTimeout = 200
  app.server.requestTimeout = 400
  const stalled = ['GET / HTTP/1.1\r\nhost: x\r\n', rawRequest('POST /', ['content-type: application/json', 'content-length: 100'], '{"a":'), rawRequest('POST /', ['content-type: application/json', 'transfer-encoding: chunked'], '5\r\n{"a":\r\n')]
  const answers = Promise.all(stalled.map(async bytes => await sendRaw(port, bytes)))
  t.match(await sendRaw(port, rawRequest('GET /')), { status: 200 })
  for (const answer of await answers) t.match(answer, refusal(408, 'REQUEST_TIMEOUT'))
})

t.test('a client that vanishes, at any place, leaves the server working', async t => {
  for (const bytes of ['', 'GET / HT', rawRequest('POST /', ['content-type: application/json', 'content-length: 100'], '{"a":'), rawRequest('GET /slow')]) {
    const { socket, read } = openSocket(port)
    socket.write(bytes)
    await sleep(50)
    socket.resetAndDestroy()
    await read()
  }
  const half = openSocket(port)
  half.socket.end(rawRequest('POST /', ['content-type: application/json', 'content-length: 100'], '{"a":'))
  t.match(await half.read(), { text: /^(HTTP\/1\.1 400 |$)/ })
  t.match(await sendRaw(port, rawRequest('GET /')), { status: 200 })
})

t.test('a kept connection answers one request after the other, HEAD and GET apart', async t => {
  const { socket, read } = openSocket(port)
  socket.write(`GET / HTTP/1.1\r\nhost: x\r\n\r\nHEAD / HTTP/1.1\r\nhost: x\r\n\r\n${rawRequest('GET /slow')}`)
  const { text } = await read()
  t.same([...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status), ['200', '405', '200'])
})

t.test('a server that ends answers what is in flight and what still comes, and waits for nobody who asks nothing', async t => {
  const app = quietService()
  const begun: string[] = []
  app.get('/slow', async ({ id }) => {
    begun.push(id)
    return await sleep(400, { ok: true })
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  const [inFlight, late, kept, unused] = [openSocket(port), openSocket(port), openSocket(port), openSocket(port)]
  kept.socket.write('GET /nothing HTTP/1.1\r\nhost: x\r\n\r\n')
  inFlight.socket.write('GET /slow HTTP/1.1\r\nhost: x\r\n\r\n')
  while (begun.length === 0 || kept.socket.bytesRead === 0) await sleep(10)

  const closing = app.close()
  while (app.server.listening) await sleep(1)
  late.socket.write('GET /slow HTTP/1.1\r\nhost: x\r\n\r\n')
  t.match(await inFlight.read(), { status: 200, head: /connection: close/ })
  t.match(await late.read(), { status: 200, head: /connection: close/ })
  t.match(await kept.read(), { status: 404 })
  t.equal((await unused.read()).text, '')
  await closing
})

const works: Check = async () => undefined
const fails: Check = async () => { throw new Error('canary at 10.0.0.7') }
const hangs: Check = async () => await new Promise(() => undefined)

function serviceWith (checks: Record<string, Check>, timeout?: number) {
  const app = quietService()
  addHealth(app, checks, timeout)
  return app
}

t.test('200: ready while everything is there, each by its name', async t => {
  const answer = await serviceWith({ mongodb: works, other: works }).inject('/health/ready')
  t.equal(answer.statusCode, 200)
  t.same(answer.json(), { status: 'ok', checks: { mongodb: 'ok', other: 'ok' } })
})

t.test('503 that names what is missing, also what does not answer in time, and not why', async t => {
  const answer = await serviceWith({ mongodb: fails, other: works, third: hangs }, 50).inject('/health/ready')
  t.match(answer, { statusCode: 503, headers: { 'retry-after': '1' } })
  t.match(answer.json(), { status: 503, code: 'NOT_READY', detail: 'Missing: mongodb, third', checks: { mongodb: 'down', other: 'ok', third: 'down' } })
  t.notMatch(answer.body, /canary|10\.0/)
})

t.test('whoever asks at once, or a moment later, is told what was found out once', async t => {
  let looks = 0
  const app = serviceWith({ mongodb: async () => { looks += 1 } })
  await Promise.all(Array.from({ length: 50 }, async () => await app.inject('/health/ready')))
  t.equal(looks, 1)
  await sleep(600)
  await app.inject('/health/ready')
  t.equal(looks, 2)
})

t.test('200: alive whatever is missing', async t => {
  const answer = await serviceWith({ mongodb: fails }).inject('/health/live')
  t.equal(answer.statusCode, 200)
  t.same(answer.json(), { status: 'ok' })
})
