import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { openSocket, rawRequest, sendRaw } from '../../test/kit/socket.ts'
import { startGateway } from './support/gateway.ts'

const { app, port, upstream, issuer } = await startGateway(t)
const credentials = `authorization: Bearer ${issuer.tokenOf('ADMIN')}`

async function ask (bytes: string) {
  upstream.arrivals.length = 0
  return await sendRaw(port, Buffer.from(bytes, 'latin1'))
}

/** The beginning of a POST whose framing is about to be odd. */
const head = `POST /v1/events HTTP/1.1\r\nhost: laurel\r\n${credentials}\r\ncontent-type: application/json\r\n`
const hidden = 'GET /v1/users HTTP/1.1\r\nhost: laurel\r\n\r\n'

for (const [name, bytes] of [
  ['CL.TE', `${head}content-length: 6\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`],
  ['TE.CL', `${head}transfer-encoding: chunked\r\ncontent-length: 4\r\n\r\n0\r\n\r\n${hidden}`],
  ['two lengths', `${head}content-length: 2\r\ncontent-length: 60\r\n\r\n{}${hidden}`],
  ['two equal lengths', `${head}content-length: 2\r\ncontent-length: 2\r\n\r\n{}${hidden}`],
  ['chunked, then identity', `${head}transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n\r\n0\r\n\r\n${hidden}`],
  ['chunked in another\'s list', `${head}transfer-encoding: chunked, x\r\n\r\n0\r\n\r\n${hidden}`],
  ['xchunked', `${head}transfer-encoding: xchunked\r\n\r\n0\r\n\r\n${hidden}`],
  ['a vertical tab before chunked', `${head}transfer-encoding:\x0bchunked\r\n\r\n0\r\n\r\n${hidden}`],
  ['a space before the colon', `${head}transfer-encoding : chunked\r\n\r\n0\r\n\r\n${hidden}`],
  ['a NUL in the value', `${head}transfer-encoding: chunked\0\r\n\r\n0\r\n\r\n${hidden}`],
  ['a bare LF after a header', `${head}x: y\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`],
  ['a bare CR in a header', `${head}x: y\rtransfer-encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`],
  ['a header that goes on in the next line', `${head}x: y\r\n transfer-encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`],
  ['a bare LF after a chunk size', `${head}transfer-encoding: chunked\r\n\r\n2\n{}\r\n0\r\n\r\n${hidden}`],
  ['a chunk longer than it says', `${head}transfer-encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n${hidden}`],
  ['a chunk size beyond all numbers', `${head}transfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n{}\r\n0\r\n\r\n${hidden}`],
  ['a negative chunk', `${head}transfer-encoding: chunked\r\n\r\n-1\r\n{}\r\n0\r\n\r\n${hidden}`],
  ['a hexadecimal length', `${head}content-length: 0x2\r\n\r\n{}${hidden}`],
  ['no version', `POST /v1/events\r\nhost: laurel\r\n${credentials}\r\n\r\n`],
  ['two hosts', `GET /v1/events HTTP/1.1\r\nhost: laurel\r\nhost: evil\r\n${credentials}\r\nconnection: close\r\n\r\n`],
  ['no host', `GET /v1/events HTTP/1.1\r\n${credentials}\r\nconnection: close\r\n\r\n`]
] as const) {
  t.test(`400, the connection is closed and nothing hidden reaches a service: ${name}`, async t => {
    const answer = await ask(bytes)
    t.equal(answer.status, 400)
    t.match(answer.head, 'content-type: application/problem+json')
    t.match(answer.head, /x-request-id: [0-9a-f-]{36}/)
    t.match(answer.head, 'connection: close')
    t.equal(answer.text.match(/HTTP\/1\.1 \d/g)?.length, 1, 'one answer')
    t.same(upstream.arrivals, [])
  })
}

t.test('HTTP/1.0 needs no host', async t => {
  t.equal((await ask(`GET /v1/events HTTP/1.0\r\n${credentials}\r\n\r\n`)).status, 200)
})

t.test('414: an address that is too long, whatever else there is', async t => {
  for (const length of [7900, 9000, 60_000]) {
    t.match(await ask(rawRequest(`GET /v1/events?q=${'x'.repeat(length)}`, [credentials])), { status: 414, body: '"code":"ADDRESS_TOO_LONG"' }, String(length))
    t.same(upstream.arrivals, [])
  }
  t.equal((await ask(rawRequest(`GET /v1/events?q=${'x'.repeat(5000)}`, [credentials]))).status, 200)
})

t.test('431: headers beyond 8 kB', async t => {
  for (const headers of [[`x: ${'y'.repeat(9000)}`], Array.from({ length: 900 }, (_, index) => `x-${index}: 0123456789`), [`cookie: ${'y'.repeat(60_000)}`]]) {
    t.match(await ask(rawRequest('GET /v1/events', [credentials, ...headers])), { status: 431, body: '"code":"HEADERS_TOO_LARGE"' })
    t.same(upstream.arrivals, [])
  }
})

t.test('405 with Allow, also for a method that nobody knows; 404 where there is nothing', async t => {
  t.match(await ask(rawRequest('FROB /v1/events', [credentials])), { status: 405, head: /\r\nallow: get, post\r\n/, body: '"code":"METHOD_NOT_ALLOWED"' })
  for (const line of ['FROB /v1/nothing', 'FROB *', 'get /v1/events']) t.equal((await ask(rawRequest(line, [credentials]))).status, 400, line)
  t.same(upstream.arrivals, [])
})

t.test('417: an expectation that nobody meets; 100-continue is met and goes no further', async t => {
  t.match(await ask(rawRequest('GET /v1/events', [credentials, 'expect: a-miracle'])), { status: 417, head: 'application/problem+json', body: '"code":"EXPECTATION_FAILED"' })
  t.same(upstream.arrivals, [])
  const { text } = await ask(rawRequest('POST /v1/events', [credentials, 'content-type: application/json', 'content-length: 2', 'expect: 100-continue'], '{}'))
  t.match(text, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /)
  t.notOk(upstream.arrivals[0]?.headers.expect)
})

t.test('400 for a WebSocket, whoever asks; what is no WebSocket stays HTTP', async t => {
  const socket = ['connection: keep-alive, Upgrade', 'upgrade: WebSocket', 'sec-websocket-version: 13', 'sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==']
  const { socket: connection, read } = openSocket(port)
  connection.write(`GET /v1/events HTTP/1.1\r\nhost: laurel\r\n${socket.join('\r\n')}\r\n\r\n`)
  connection.end()
  t.match(await read(), { status: 400, body: '"code":"UPGRADE_REFUSED"' })
  const { text } = await ask(`GET /v1/events HTTP/1.1\r\nhost: laurel\r\n${credentials}\r\nconnection: Upgrade, HTTP2-Settings, close\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAAP__\r\n\r\n`)
  t.match(text, /^HTTP\/1\.1 200 /)
})

t.test('slow clients', async t => {
  // The same server with less patience: what is slow is looked for each second.
  app.server.headersTimeout = 200
  app.server.requestTimeout = 400

  t.test('408: headers and bodies that do not end; the honest are answered meanwhile', async t => {
    upstream.arrivals.length = 0
    const drips = [openSocket(port), openSocket(port)]
    drips[0]?.socket.write(`GET /v1/events HTTP/1.1\r\nhost: laurel\r\n${credentials}\r\n`)
    drips[1]?.socket.write(`${head}transfer-encoding: chunked\r\n\r\n`)
    const drip = (async () => {
      while (drips.some(({ socket }) => socket.writable)) {
        if (drips[0]?.socket.writable === true) drips[0].socket.write('x-slow: y\r\n')
        if (drips[1]?.socket.writable === true) drips[1].socket.write('1\r\n{\r\n')
        await sleep(50)
      }
    })()
    const stalled = [`${head}content-length: 100\r\n\r\n{"a":`, `${head}transfer-encoding: chunked\r\n\r\n5\r\n{"a":\r\n`].map(async bytes => await sendRaw(port, bytes))
    t.equal((await sendRaw(port, rawRequest('GET /v1/events', [credentials]))).status, 200)
    for (const answer of await Promise.all([...drips.map(async ({ read }) => await read()), ...stalled])) {
      t.match(answer, { status: 408, head: /application\/problem\+json[^]*connection: close/, body: '"code":"REQUEST_TIMEOUT"' })
    }
    await drip
  })
})
