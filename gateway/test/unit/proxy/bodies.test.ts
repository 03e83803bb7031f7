import t from 'tap'
import { openSocket, rawRequest, sendRaw } from '../../../../test/kit/http/socket.ts'
import { startGateway } from '../../support/gateway.ts'

const { port, upstream, issuer } = await startGateway(t)
const authorization = `authorization: Bearer ${issuer.tokenOf('ADMIN')}`
const json = [authorization, 'content-type: application/json']
const limit = 64 * 1024
const largeLimit = 4 * 1024 * 1024

t.beforeEach(() => { upstream.arrivals.length = 0 })

/** One chunk of a chunked body. An empty one ends the body. */
function chunk (text: string): string {
  return `${text.length.toString(16)}\r\n${text}\r\n`
}

async function post (headers: readonly string[], body = '', path = '/v1/events') {
  return await sendRaw(port, rawRequest(`POST ${path}`, [...json, ...headers], body))
}

t.test('200 for a body of exactly the limit, with content-length and chunked', async t => {
  const body = 'x'.repeat(limit)
  const chunks = `${chunk(body.slice(0, 40_000))}${chunk(body.slice(40_000))}${chunk('')}`
  t.equal((await post([`content-length: ${limit}`], body)).status, 200)
  t.equal((await post(['transfer-encoding: chunked'], chunks)).status, 200)
  t.same(upstream.arrivals.map(({ body }) => body.length), [limit, limit])
})

t.test('413 based on content-length, before any byte of the body arrives; the service receives nothing', async t => {
  const { status, text } = await post([`content-length: ${limit + 1}`])
  t.equal(status, 413)
  t.match(text, '"code":"BODY_TOO_LARGE"')
  t.match(text, 'application/problem+json')
  t.same(upstream.arrivals, [])
})

t.test('413 for a chunked body as soon as it exceeds the limit', async t => {
  const { status, text } = await post(['transfer-encoding: chunked'], chunk('x'.repeat(16 * 1024)).repeat(5))
  t.equal(status, 413)
  t.match(text, '"code":"BODY_TOO_LARGE"')
  t.same(upstream.arrivals, [])
})

t.test('413 for a single chunk larger than the limit', async t => {
  t.equal((await post(['transfer-encoding: chunked'], chunk('x'.repeat(limit + 1)))).status, 413)
})

t.test('the limit is the operation\'s: ingestActivities accepts 4 MiB', async t => {
  const body = 'x'.repeat(largeLimit)
  t.equal((await post([`content-length: ${largeLimit}`], body, '/v1/activities')).status, 200)
  t.equal((await post([`content-length: ${largeLimit + 1}`], '', '/v1/activities')).status, 413)
})

t.test('no body, an empty body and {} reach the service unchanged', async t => {
  for (const [headers, sent, received] of [
    [['content-length: 0'], '', ''],
    [['content-length: 2'], '{}', '{}'],
    [[], '', ''],
    [['transfer-encoding: chunked'], chunk(''), '']
  ] as const) {
    upstream.arrivals.length = 0
    t.equal((await post(headers, sent, '/v1/events/e-1/claims')).status, 200, headers.join())
    t.equal(upstream.arrivals[0]?.body, received)
  }
})

t.test('a POST without a content type reaches the service, which decides', async t => {
  const claim = 'POST /v1/events/e-1/claims'
  t.equal((await sendRaw(port, rawRequest(claim, [authorization]))).status, 200)
  t.equal((await sendRaw(port, rawRequest(claim, [authorization, 'content-length: 2'], '{}'))).status, 200)
  t.same(upstream.arrivals.map(({ body }) => body), ['', '{}'])
})

for (const type of ['text/csv; charset=x', 'text/plain', 'application/octet-stream']) {
  t.test(`a body of any type and bytes reaches the service unchanged: ${type}`, async t => {
    const body = '\u00ff\u0000{"__proto__":1} \u00fe'
    const headers = [authorization, `content-type: ${type}`, `content-length: ${body.length}`]
    const { status } = await sendRaw(port, Buffer.from(rawRequest('POST /v1/events', headers, body), 'latin1'))
    t.equal(status, 200)
    const received = { 'content-type': type, 'content-length': String(body.length) }
    t.match(upstream.arrivals, [{ body, headers: received }])
  })
}

t.test('415 for a content coding: a service would read the compressed bytes as JSON', async t => {
  const headers = [authorization, 'content-type: application/json', 'content-length: 2']
  for (const coding of ['gzip', 'identity, br']) {
    const answer = await sendRaw(port, rawRequest('POST /v1/events', [...headers, `content-encoding: ${coding}`], '{}'))
    t.match(answer, { status: 415, head: 'accept-encoding: identity', body: '"code":"UNSUPPORTED_MEDIA_TYPE"' })
  }
  t.same(upstream.arrivals, [])
  t.equal((await post(['content-encoding: identity', 'content-length: 2'], '{}')).status, 200)
  t.notOk(upstream.arrivals[0]?.headers['content-encoding'])
})

t.test('415 for a malformed content type', async t => {
  const headers = [authorization, 'content-type: odd', 'content-length: 2']
  t.equal((await sendRaw(port, rawRequest('POST /v1/events', headers, '{}'))).status, 415)
  t.same(upstream.arrivals, [])
})

for (const [name, headers, body] of [
  ['two lengths', ['content-length: 2', 'content-length: 3'], '{}'],
  ['a length and chunks', ['content-length: 2', 'transfer-encoding: chunked'], chunk('')],
  ['a length that is not a number', ['content-length: abc'], '{}'],
  ['a negative length', ['content-length: -1'], '{}'],
  ['a length with a sign', ['content-length: +2'], '{}'],
  ['a length that is too large for a number', ['content-length: 99999999999999999999999'], '{}'],
  ['a list of lengths', ['content-length: 2, 2'], '{}'],
  ['an unknown transfer coding', ['transfer-encoding: identity, xchunked'], '{}'],
  ['a space before the colon', ['transfer-encoding : chunked'], chunk('')],
  ['an invalid chunk size', ['transfer-encoding: chunked'], 'zz\r\n{}\r\n']
] as const) {
  t.test(`400, and no hidden request reaches a service: ${name}`, async t => {
    const { status, text } = await post(headers, `${body}GET /v1/users HTTP/1.1\r\nhost: laurel\r\n\r\n`)
    t.equal(status, 400)
    t.match(text, 'application/problem+json')
    t.notOk(upstream.arrivals.some(({ method }) => method === 'GET'))
  })
}

t.test('401 and 403 come before the size of the body', async t => {
  const headers = ['content-type: application/json', `content-length: ${limit + 1}`]
  t.equal((await sendRaw(port, rawRequest('POST /v1/events', headers))).status, 401)
  const user = `authorization: Bearer ${issuer.tokenOf('USER')}`
  t.equal((await sendRaw(port, rawRequest('POST /v1/events', [user, ...headers]))).status, 403)
})

t.test('after 413 by content-length, the rest of the body is never read as another request', async t => {
  const { socket, read } = openSocket(port)
  const head = (line: string, length: number) =>
    [`${line} HTTP/1.1`, 'host: laurel', ...json, `content-length: ${length}`, '', ''].join('\r\n')
  const hidden = head('GET /v1/users', 0)
  socket.write(`${head('POST /v1/events', limit + 1)}${hidden.padEnd(limit + 1, ' ')}`)
  socket.write(rawRequest('GET /v1/claims', json))
  const { text } = await read()
  t.match(text, /^HTTP\/1\.1 413 /)
  t.notOk(upstream.arrivals.some(({ url }) => url === '/v1/users'))
})

t.test('after 413 for a chunked body, the connection is closed', async t => {
  const { socket, read } = openSocket(port)
  socket.write(rawRequest('POST /v1/events', [...json, 'transfer-encoding: chunked'], chunk('x'.repeat(2_000_000))))
  const { text } = await read()
  t.match(text, /^HTTP\/1\.1 413 [^]*connection: close/)
})
