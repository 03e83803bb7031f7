import t from 'tap'
import { openSocket, rawRequest, sendRaw } from '../../test/kit/socket.ts'
import { startGateway } from './support/gateway.ts'

const { port, upstream, issuer } = await startGateway(t)
const json = [`authorization: Bearer ${issuer.tokenOf('ADMIN')}`, 'content-type: application/json']
const limit = 64 * 1024
const largeLimit = 1024 * 1024

t.beforeEach(() => { upstream.arrivals.length = 0 })

function chunk (text: string): string {
  return `${text.length.toString(16)}\r\n${text}\r\n`
}

async function post (headers: readonly string[], body = '', path = '/v1/events') {
  return await sendRaw(port, rawRequest(`POST ${path}`, [...json, ...headers], body))
}

t.test('a body of exactly the limit passes, whether its length is told or not', async t => {
  const body = 'x'.repeat(limit)
  t.equal((await post([`content-length: ${limit}`], body)).status, 200)
  t.equal((await post(['transfer-encoding: chunked'], `${chunk(body.slice(0, 40_000))}${chunk(body.slice(40_000))}${chunk('')}`)).status, 200)
  t.same(upstream.arrivals.map(({ body }) => body.length), [limit, limit])
})

t.test('413 by content-length alone: no byte of the body is waited for, the service is not asked', async t => {
  const { status, text } = await post([`content-length: ${limit + 1}`])
  t.equal(status, 413)
  t.match(text, '"code":"BODY_TOO_LARGE"')
  t.match(text, 'application/problem+json')
  t.same(upstream.arrivals, [])
})

t.test('413 by counting: a chunked body that grows too large is cut off', async t => {
  const { status, text } = await post(['transfer-encoding: chunked'], chunk('x'.repeat(16 * 1024)).repeat(5))
  t.equal(status, 413)
  t.match(text, '"code":"BODY_TOO_LARGE"')
  t.ok((upstream.arrivals[0]?.body.length ?? 0) <= limit, 'no more than the limit has reached the service')
})

t.test('413 also for one chunk that is larger than the limit', async t => {
  t.equal((await post(['transfer-encoding: chunked'], chunk('x'.repeat(limit + 1)))).status, 413)
})

t.test('an operation may take more: the activities take 1 MiB', async t => {
  const body = 'x'.repeat(largeLimit)
  t.equal((await post([`content-length: ${largeLimit}`], body, '/v1/activities')).status, 200)
  t.equal((await post([`content-length: ${largeLimit + 1}`], '', '/v1/activities')).status, 413)
})

t.test('no body, an empty one and {} reach the service as they are', async t => {
  for (const [headers, body] of [[['content-length: 0'], ''], [['content-length: 2'], '{}'], [[], ''], [['transfer-encoding: chunked'], chunk('')]] as const) {
    upstream.arrivals.length = 0
    t.equal((await post(headers, body, '/v1/events/e-1/claims')).status, 200, headers.join())
    t.equal(upstream.arrivals[0]?.body, body === '{}' ? body : '')
  }
})

t.test('a POST without a content type reaches the service, which knows what it takes', async t => {
  const credentials = json.slice(0, 1)
  t.equal((await sendRaw(port, rawRequest('POST /v1/events/e-1/claims', credentials))).status, 200)
  t.equal((await sendRaw(port, rawRequest('POST /v1/events/e-1/claims', [...credentials, 'content-length: 2'], '{}'))).status, 200)
  t.same(upstream.arrivals.map(({ body }) => body), ['', '{}'])
})

for (const type of ['text/csv; charset=x', 'text/plain', 'application/octet-stream', 'odd']) {
  t.test(`a body of any type and bytes is passed on untouched: ${type}`, async t => {
    const body = '\u00ff\u0000{"__proto__":1} \u00fe'
    const head = rawRequest('POST /v1/events', [...json.slice(0, 1), `content-type: ${type}`, `content-length: ${body.length}`])
    const { status } = await sendRaw(port, Buffer.from(head + body, 'latin1'))
    if (type === 'odd') t.equal(status, 415)
    else {
      t.equal(status, 200)
      t.match(upstream.arrivals, [{ body, headers: { 'content-type': type, 'content-length': String(body.length) } }])
    }
  })
}

for (const [name, headers, body] of [
  ['two lengths', ['content-length: 2', 'content-length: 3'], '{}'],
  ['a length and chunks', ['content-length: 2', 'transfer-encoding: chunked'], chunk('')],
  ['a length that is no number', ['content-length: abc'], '{}'],
  ['a negative length', ['content-length: -1'], '{}'],
  ['a length with a sign', ['content-length: +2'], '{}'],
  ['a length beyond all numbers', ['content-length: 99999999999999999999999'], '{}'],
  ['a list as length', ['content-length: 2, 2'], '{}'],
  ['an unknown coding', ['transfer-encoding: identity, xchunked'], '{}'],
  ['a space before the colon', ['transfer-encoding : chunked'], chunk('')],
  ['chunks of no size', ['transfer-encoding: chunked'], 'zz\r\n{}\r\n']
] as const) {
  t.test(`400 and nothing to smuggle: ${name}`, async t => {
    const { status, text } = await post(headers, `${body}GET /v1/users HTTP/1.1\r\nhost: laurel\r\n\r\n`)
    t.equal(status, 400)
    t.match(text, 'application/problem+json')
    t.notOk(upstream.arrivals.some(({ method }) => method === 'GET'))
  })
}

t.test('401 and 403 come before the body is looked at', async t => {
  const large = `content-length: ${limit + 1}`
  t.equal((await sendRaw(port, rawRequest('POST /v1/events', ['content-type: application/json', large]))).status, 401)
  t.equal((await sendRaw(port, rawRequest('POST /v1/events', [`authorization: Bearer ${issuer.tokenOf('USER')}`, 'content-type: application/json', large]))).status, 403)
})

t.test('after a 413 the rest of the body is never read as another request', async t => {
  const { socket, read } = openSocket(port)
  const open = (line: string, length: number) => [`${line} HTTP/1.1`, 'host: laurel', ...json, `content-length: ${length}`, '', ''].join('\r\n')
  const smuggled = open('GET /v1/users', 0)
  socket.write(`${open('POST /v1/events', limit + 1)}${smuggled.padEnd(limit + 1, ' ')}`)
  socket.write(rawRequest('GET /v1/claims', json))
  const { text } = await read()
  t.match(text, /^HTTP\/1\.1 413 /)
  t.notOk(upstream.arrivals.some(({ url }) => url === '/v1/users'))
})

t.test('after a 413 by counting the connection ends: what comes on it is no other request that nobody answers', async t => {
  const { socket, read } = openSocket(port)
  socket.on('error', () => undefined)
  socket.write(rawRequest('POST /v1/events', [...json, 'transfer-encoding: chunked'], chunk('x'.repeat(2_000_000))))
  const { text } = await read()
  t.match(text, /^HTTP\/1\.1 413 [^]*connection: close/)
})
