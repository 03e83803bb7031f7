import t from 'tap'
import { openSocket, rawRequest, sendRaw } from '../../../../test/kit/http/socket.ts'
import { startGateway } from '../../support/gateway.ts'

const { port, upstream, issuer } = await startGateway(t)
const credentials = `authorization: Bearer ${issuer.tokenOf('ADMIN')}`

async function send (bytes: string) {
  upstream.arrivals.length = 0
  return await sendRaw(port, Buffer.from(bytes, 'latin1'))
}

/** The start of a POST. Each case adds framing that servers may read in different ways. */
const head = [
  'POST /v1/events HTTP/1.1',
  'host: laurel',
  credentials,
  'content-type: application/json',
  ''
].join('\r\n')
const chunked = `${head}transfer-encoding: chunked\r\n\r\n`
const hidden = 'GET /v1/users HTTP/1.1\r\nhost: laurel\r\n\r\n'
const noChunks = `0\r\n\r\n${hidden}`
const get = `${credentials}\r\nconnection: close\r\n\r\n`

for (const [name, bytes] of [
  ['CL.TE', `${head}content-length: 6\r\ntransfer-encoding: chunked\r\n\r\n${noChunks}`],
  ['TE.CL', `${head}transfer-encoding: chunked\r\ncontent-length: 4\r\n\r\n${noChunks}`],
  ['two lengths', `${head}content-length: 2\r\ncontent-length: 60\r\n\r\n{}${hidden}`],
  ['two equal lengths', `${head}content-length: 2\r\ncontent-length: 2\r\n\r\n{}${hidden}`],
  ['chunked, then identity', `${head}transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n\r\n${noChunks}`],
  ['chunked before another coding', `${head}transfer-encoding: chunked, x\r\n\r\n${noChunks}`],
  ['another coding before chunked', `${head}transfer-encoding: gzip, chunked\r\n\r\n${noChunks}`],
  ['identity before chunked', `${head}transfer-encoding: identity, chunked\r\n\r\n${noChunks}`],
  ['an unknown coding before chunked', `${head}transfer-encoding: x, chunked\r\n\r\n${noChunks}`],
  ['chunked twice', `${head}transfer-encoding: chunked, chunked\r\n\r\n${noChunks}`],
  ['xchunked', `${head}transfer-encoding: xchunked\r\n\r\n${noChunks}`],
  ['a vertical tab before chunked', `${head}transfer-encoding:\x0bchunked\r\n\r\n${noChunks}`],
  ['a space before the colon', `${head}transfer-encoding : chunked\r\n\r\n${noChunks}`],
  ['a NUL in the value', `${head}transfer-encoding: chunked\0\r\n\r\n${noChunks}`],
  ['a bare LF after a header', `${head}x: y\ntransfer-encoding: chunked\r\n\r\n${noChunks}`],
  ['a bare CR in a header', `${head}x: y\rtransfer-encoding: chunked\r\n\r\n${noChunks}`],
  ['a folded header', `${head}x: y\r\n transfer-encoding: chunked\r\n\r\n${noChunks}`],
  ['a bare LF after a chunk size', `${chunked}2\n{}\r\n${noChunks}`],
  ['a chunk longer than its size', `${chunked}1\r\n{}\r\n${noChunks}`],
  ['a chunk size that is too large for a number', `${chunked}fffffffffffffffff\r\n{}\r\n${noChunks}`],
  ['a negative chunk size', `${chunked}-1\r\n{}\r\n${noChunks}`],
  ['a hexadecimal length', `${head}content-length: 0x2\r\n\r\n{}${hidden}`],
  ['no version', `POST /v1/events\r\nhost: laurel\r\n${credentials}\r\n\r\n`],
  ['two hosts', `GET /v1/events HTTP/1.1\r\nhost: laurel\r\nhost: evil\r\n${get}`],
  ['no host', `GET /v1/events HTTP/1.1\r\n${get}`]
] as const) {
  t.test(`400, the connection is closed, and no hidden request reaches a service: ${name}`, async t => {
    const answer = await send(bytes)
    t.equal(answer.status, 400)
    t.match(answer.head, 'content-type: application/problem+json')
    t.match(answer.head, /x-request-id: [0-9a-f-]{36}/)
    t.match(answer.head, 'connection: close')
    t.equal(answer.text.match(/HTTP\/1\.1 \d/g)?.length, 1, 'one answer')
    t.same(upstream.arrivals, [])
  })
}

t.test('200 for HTTP/1.0 without a host', async t => {
  t.equal((await send(`GET /v1/events HTTP/1.0\r\n${credentials}\r\n\r\n`)).status, 200)
})

t.test('414 for a URL that is too long', async t => {
  for (const length of [7900, 9000, 60_000]) {
    const answer = await send(rawRequest(`GET /v1/events?q=${'x'.repeat(length)}`, [credentials]))
    t.match(answer, { status: 414, body: '"code":"ADDRESS_TOO_LONG"' }, String(length))
    t.same(upstream.arrivals, [])
  }
  t.equal((await send(rawRequest(`GET /v1/events?q=${'x'.repeat(5000)}`, [credentials]))).status, 200)
})

t.test('431 for headers larger than 8 kB', async t => {
  const manyHeaders = Array.from({ length: 900 }, (_, index) => `x-${index}: 0123456789`)
  for (const headers of [[`x: ${'y'.repeat(9000)}`], manyHeaders, [`cookie: ${'y'.repeat(60_000)}`]]) {
    const answer = await send(rawRequest('GET /v1/events', [credentials, ...headers]))
    t.match(answer, { status: 431, body: '"code":"HEADERS_TOO_LARGE"' })
    t.same(upstream.arrivals, [])
  }
})

t.test('405 with Allow for an unknown method on a known path, 400 otherwise', async t => {
  t.match(await send(rawRequest('FROB /v1/events', [credentials])), {
    status: 405, head: /\r\nallow: get, head, post(\r\n|$)/, body: '"code":"METHOD_NOT_ALLOWED"'
  })
  for (const line of ['FROB /v1/nothing', 'FROB *', 'get /v1/events']) {
    t.equal((await send(rawRequest(line, [credentials]))).status, 400, line)
  }
  t.same(upstream.arrivals, [])
})

t.test('417 for an unknown expectation; the gateway meets 100-continue itself', async t => {
  const refused = await send(rawRequest('GET /v1/events', [credentials, 'expect: a-miracle']))
  t.match(refused, { status: 417, head: 'application/problem+json', body: '"code":"EXPECTATION_FAILED"' })
  t.same(upstream.arrivals, [])
  const headers = [credentials, 'content-type: application/json', 'content-length: 2', 'expect: 100-continue']
  const { text } = await send(rawRequest('POST /v1/events', headers, '{}'))
  t.match(text, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /)
  t.notOk(upstream.arrivals[0]?.headers.expect)
})

t.test('400 for a WebSocket handshake, with a token and without', async t => {
  const handshake = [
    'upgrade: WebSocket',
    'sec-websocket-version: 13',
    'sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA=='
  ]
  for (const headers of [[], [credentials]]) {
    upstream.arrivals.length = 0
    const { socket, read } = openSocket(port)
    const lines = ['host: laurel', 'connection: keep-alive, Upgrade', ...handshake, ...headers]
    socket.end(`GET /v1/events HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`)
    t.match(await read(), { status: 400, body: '"code":"UPGRADE_REFUSED"' })
    t.same(upstream.arrivals, [])
  }
})

t.test('200: any other upgrade is ignored and not forwarded', async t => {
  for (const headers of [
    ['connection: Upgrade, HTTP2-Settings, close', 'upgrade: h2c', 'http2-settings: AAMAAABkAAQAAP__'],
    ['connection: close', 'upgrade: websocket']
  ]) {
    const lines = ['host: laurel', credentials, ...headers]
    const { text } = await send(`GET /v1/events HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`)
    t.match(text, /^HTTP\/1\.1 200 /)
    t.notOk(upstream.arrivals[0]?.headers.upgrade)
  }
})
