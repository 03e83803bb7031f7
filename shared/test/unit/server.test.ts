import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { openSocket, rawRequest, sendRaw } from '../../../test/kit/http/socket.ts'
import { Anything, echoService, quietService } from '../support/service.ts'

const app = echoService(Anything)
app.get('/', async () => ({ ok: true }))
app.get('/slow', async () => await sleep(200, { ok: true }))
await app.listen({ host: '127.0.0.1', port: 0 })
t.teardown(async () => { await app.close() })
const { port } = app.server.address() as AddressInfo

const json = 'content-type: application/json'

/** The pattern of every answer to bytes that are not a valid request. */
function refusal (status: number, code: string) {
  const uuid = '[0-9a-f-]{36}'
  return {
    status,
    head: new RegExp(`content-type: application/problem\\+json[^]*x-request-id: ${uuid}[^]*connection: close`),
    body: new RegExp(`^{"type":"/docs/errors/${code}".*"status":${status},.*"code":"${code}","requestId":"${uuid}"}$`)
  }
}

for (const [name, bytes] of [
  ['garbage', 'hello\r\n\r\n'],
  ['a TLS hello', Buffer.from('160301020001000', 'hex')],
  ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['an unknown version', 'GET / HTTP/9.9\r\nhost: x\r\n\r\n'],
  ['a header without a colon', 'GET / HTTP/1.1\r\nhost: x\r\nnonsense\r\n\r\n'],
  ['a NUL in a header', 'GET / HTTP/1.1\r\nhost: x\r\na: \0\r\n\r\n'],
  ['a bare carriage return in a header', 'GET / HTTP/1.1\r\nhost: x\r\na: b\rc: d\r\n\r\n'],
  ['a space in a header name', 'GET / HTTP/1.1\r\nhost : x\r\n\r\n'],
  ['a bare carriage return in the path', 'GET /\r HTTP/1.1\r\nhost: x\r\n\r\n']
] as const) {
  t.test(`400: ${name}`, async t => { t.match(await sendRaw(port, bytes), refusal(400, 'BAD_REQUEST')) })
}

t.test('431 for headers of more than 16 KiB, twice what the gateway accepts; 414 for a URL of that length', async t => {
  const manyHeaders = Array.from({ length: 1800 }, (_, index) => `x-${index}: 0123456789`)
  const tooLarge = refusal(431, 'HEADERS_TOO_LARGE')
  t.match(await sendRaw(port, rawRequest('GET /', [`x: ${'y'.repeat(16_400)}`])), tooLarge)
  t.match(await sendRaw(port, rawRequest('GET /', manyHeaders)), tooLarge)
  t.match(await sendRaw(port, rawRequest(`GET /?q=${'y'.repeat(16_400)}`)), refusal(414, 'ADDRESS_TOO_LONG'))
  t.match(await sendRaw(port, rawRequest('GET /', [`x: ${'y'.repeat(15_900)}`])), { status: 200 })
})

t.test('a request must arrive within 15 seconds, its headers within 10', async t => {
  t.equal(app.server.requestTimeout, 15_000)
  t.equal(app.server.headersTimeout, 10_000)
})

t.test('408 for incomplete headers and bodies; other requests are still answered', async t => {
  // Node.js checks for slow requests every second.
  app.server.headersTimeout = 200
  app.server.requestTimeout = 400
  const stalled = [
    'GET / HTTP/1.1\r\nhost: x\r\n',
    rawRequest('POST /', [json, 'content-length: 100'], '{"a":'),
    rawRequest('POST /', [json, 'transfer-encoding: chunked'], '5\r\n{"a":\r\n')
  ]
  const responses = Promise.all(stalled.map(async bytes => await sendRaw(port, bytes)))
  t.match(await sendRaw(port, rawRequest('GET /')), { status: 200 })
  for (const response of await responses) t.match(response, refusal(408, 'REQUEST_TIMEOUT'))
})

t.test('the server keeps working if a client disappears at any point', async t => {
  const incomplete = rawRequest('POST /', [json, 'content-length: 100'], '{"a":')
  for (const bytes of ['', 'GET / HT', incomplete, rawRequest('GET /slow')]) {
    const { socket, read } = openSocket(port)
    socket.write(bytes)
    await sleep(50)
    socket.resetAndDestroy()
    await read()
  }
  const halfClosed = openSocket(port)
  halfClosed.socket.end(incomplete)
  t.match(await halfClosed.read(), { text: /^(HTTP\/1\.1 400 |$)/ })
  t.match(await sendRaw(port, rawRequest('GET /')), { status: 200 })
})

t.test('pipelined requests on one connection are answered in order', async t => {
  const { socket, read } = openSocket(port)
  const [get, head] = ['GET / HTTP/1.1\r\nhost: x\r\n\r\n', 'HEAD / HTTP/1.1\r\nhost: x\r\n\r\n']
  socket.write(`${get}${head}${rawRequest('GET /slow')}`)
  const { text } = await read()
  t.same([...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status), ['200', '200', '200'])
})

t.test('a closing server answers requests on open connections and does not wait for unused ones', async t => {
  const app = quietService()
  const started: string[] = []
  app.get('/slow', async ({ id }) => {
    started.push(id)
    return await sleep(400, { ok: true })
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  const [inFlight, late, idle, unused] = [openSocket(port), openSocket(port), openSocket(port), openSocket(port)]
  const slow = 'GET /slow HTTP/1.1\r\nhost: x\r\n\r\n'
  idle.socket.write('GET /nothing HTTP/1.1\r\nhost: x\r\n\r\n')
  inFlight.socket.write(slow)
  while (started.length === 0 || idle.socket.bytesRead === 0) await sleep(10)

  const closing = app.close()
  while (app.server.listening) await sleep(1)
  late.socket.write(slow)
  t.match(await inFlight.read(), { status: 200, head: /connection: close/ })
  t.match(await late.read(), { status: 200, head: /connection: close/ })
  t.match(await idle.read(), { status: 404 })
  t.equal((await unused.read()).text, '')
  await closing
})
