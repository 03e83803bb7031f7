import type { AddressInfo } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { createServer, createService, hardenRequests } from '@laurel/shared/http'
import t, { type Test } from 'tap'
import { selfSigned } from '../../../test/kit/http/certificate.ts'
import { openSocket, rawRequest, sendRaw } from '../../../test/kit/http/socket.ts'
import { Anything, echoService } from '../support/service.ts'

const json = 'content-type: application/json'

async function start (t: Test, app = echoService(Anything)): Promise<number> {
  app.get('/things', async () => ({ ok: true }))
  app.get('/things/:thingId', async () => ({}))
  app.get('/forbidden', async (_request, reply) => await reply.code(403).send({}))
  app.post('/forbidden', { onRequest: async (_request, reply) => await reply.code(403).send({}) }, async () => ({}))
  await app.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(async () => { await app.close() })
  return (app.server.address() as AddressInfo).port
}

t.test('400 for a transfer coding other than chunked', async t => {
  const port = await start(t)
  const post = async (...headers: string[]) =>
    await sendRaw(port, rawRequest('POST /', [json, ...headers], '2\r\n{}\r\n0\r\n\r\n'))
  t.match(await post('transfer-encoding: chunked'), { status: 200 })
  for (const coding of [
    'gzip, chunked', 'identity, chunked', 'x, chunked', 'chunked, chunked', 'Chunked', 'gzip', 'identity',
    'chunked;q=1', 'chunked\r\ntransfer-encoding: chunked'
  ]) {
    t.match(await post(`transfer-encoding: ${coding}`), { status: 400, head: /connection: close/ }, coding)
  }
  t.match(await post('transfer-encoding: chunked', 'content-length: 2'), { status: 400 })
})

t.test('415 for a content coding other than identity, with and without a body', async t => {
  const port = await start(t)
  const withBody = async (...codings: readonly string[]) =>
    await sendRaw(port, rawRequest('POST /', [json, ...codings, 'content-length: 2'], '{}'))
  const withoutBody = async (...codings: readonly string[]) => await sendRaw(port, rawRequest('GET /things', codings))
  for (const send of [withBody, withoutBody]) {
    for (const coding of ['identity', 'Identity', '', 'identity, identity', ' identity ,\tIDENTITY,']) {
      t.match(await send(`content-encoding: ${coding}`), { status: 200 }, coding)
    }
    for (const coding of [
      'gzip', 'GZIP', 'x-gzip', 'br', 'deflate', 'zstd', 'x', 'identity, gzip', 'gzip, identity', 'identity;q=1', '*',
      'identity\r\ncontent-encoding: gzip'
    ]) {
      t.match(await send(`content-encoding: ${coding}`), {
        status: 415, head: /\r\naccept-encoding: identity(\r\n|$)/, body: '"code":"UNSUPPORTED_MEDIA_TYPE"'
      }, coding)
    }
  }
  t.match(await sendRaw(port, rawRequest('GET /nothing', ['content-encoding: gzip'])), { status: 404 })
  t.match(await sendRaw(port, rawRequest('PUT /things', ['content-encoding: gzip'])), { status: 405 })
})

t.test('HEAD is answered like GET, without the body', async t => {
  const port = await start(t)
  const withoutTime = (head: string) => head.replace(/x-request-id: .*|date: .*/g, '')
  const get = await sendRaw(port, rawRequest('GET /things'))
  const head = await sendRaw(port, rawRequest('HEAD /things'))
  t.equal(withoutTime(head.head), withoutTime(get.head))
  t.match(head, { status: 200, head: /content-length: 11\r\n/, body: /^$/ })
  t.match(await sendRaw(port, rawRequest('HEAD /nothing')), { status: 404, body: /^$/ })
  t.match(await sendRaw(port, rawRequest('PUT /things')), { status: 405, head: /allow: get, head\r\n/ })
})

t.test('every error response has x-content-type-options and cache-control, even before routing', async t => {
  const port = await start(t)
  const tooLong = 'y'.repeat(16_400)
  for (const [status, request] of [
    [400, 'garbage\r\n\r\n'],
    [400, rawRequest('GET /things/%zz')],
    [400, rawRequest('GET /', ['host: second'])],
    [404, rawRequest('GET /nothing')],
    [404, rawRequest('GET /a//b')],
    [404, rawRequest(`GET /things/${'x'.repeat(300)}`)],
    [405, rawRequest('DELETE /things')],
    [405, rawRequest('PATCHY /things')],
    [414, rawRequest(`GET /?q=${tooLong}`)],
    [415, rawRequest('POST /', ['content-type: text/plain', 'content-length: 2'], 'hi')],
    [415, rawRequest('POST /', [json, 'content-encoding: br', 'content-length: 2'], '{}')],
    [417, rawRequest('GET /', ['expect: a-miracle'])],
    [431, rawRequest('GET /', [`x: ${tooLong}`])]
  ] as const) {
    const response = await sendRaw(port, request)
    const name = request.slice(0, 40)
    t.match(response, { status, head: /x-content-type-options: nosniff/ }, name)
    t.match(response.head, /cache-control: no-store/, name)
    t.match(response.head, /content-type: application\/problem\+json/, name)
  }
})

/** Sends a body that never ends. Returns how many bytes the server accepted before it closed the connection. */
async function flood (port: number, requestLine: string, framing: string) {
  const { socket, read } = openSocket(port)
  socket.write(`${requestLine} HTTP/1.1\r\nhost: x\r\n${json}\r\n${framing}\r\n\r\n`)
  const chunk = Buffer.from(`4000\r\n${'x'.repeat(0x4000)}\r\n`)
  const send = (): void => { while (!socket.destroyed && socket.write(chunk)); }
  socket.on('drain', send)
  send()
  const response = await read()
  return { response, sent: socket.bytesWritten - socket.writableLength }
}

t.test('an unread body ends the connection after 64 KiB, for every error', async t => {
  const port = await start(t)
  await Promise.all(([
    ['POST /nothing', 404],
    ['PUT /things', 405],
    ['POST /forbidden', 403],
    ['POST /a//b', 404],
    ['POST /things/%zz', 400]
  ] as const).map(async ([requestLine, status]) => {
    await Promise.all(['transfer-encoding: chunked', 'content-length: 100000000000'].map(async framing => {
      const { response, sent } = await flood(port, requestLine, framing)
      t.match(response, { status, body: /}$/ }, `${requestLine} ${framing}`)
      // The rest was still in the buffers of the operating system.
      t.ok(sent < 16 * 1024 * 1024, `${sent} bytes`)
    }))
  }))
})

t.test('a short unread body does not end the connection', async t => {
  const port = await start(t)
  const body = 'x'.repeat(60_000)
  const { socket, read } = openSocket(port)
  socket.write(`POST /forbidden HTTP/1.1\r\nhost: x\r\n${json}\r\ncontent-length: ${body.length}\r\n\r\n${body}`)
  socket.write(rawRequest('GET /things'))
  const { text } = await read()
  t.same([...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status), ['403', '200'])
})

t.test('over TLS', async t => {
  const { cert, key } = selfSigned()
  const tls = { cert: Buffer.from(cert), key: Buffer.from(key), handshakeTimeout: 300 }
  const app = createServer({ name: 'tls', logLevel: 'silent', acceptRequestId: false, tls })
  hardenRequests(app)
  const port = await start(t, app)

  t.test('a handshake that does not finish in time ends the connection', async t => {
    for (const bytes of ['', Buffer.from('160301', 'hex')]) {
      const { socket, read } = openSocket(port)
      socket.write(bytes)
      t.equal((await read()).text, '')
    }
  })

  t.test('plain HTTP ends the connection without an answer', async t => {
    t.notMatch((await sendRaw(port, rawRequest('GET /things'))).text, 'ok')
  })

  t.test('a response before routing also sets Strict-Transport-Security', async t => {
    const socket = connectTls({ port, host: '127.0.0.1', ca: cert })
    const received: Buffer[] = []
    socket.on('data', chunk => received.push(chunk))
    socket.write('GET / HTTP/9.9\r\n\r\n')
    await new Promise(resolve => socket.once('close', resolve))
    const text = Buffer.concat(received).toString()
    t.match(text, /^HTTP\/1\.1 400 [^]*\r\nstrict-transport-security: max-age=31536000\r\n/)
  })
})

t.test('a client that sends its body slowly receives the complete error response of a service', async t => {
  const app = createService({ name: 'slow', logLevel: 'silent', translateError: () => undefined })
  const port = await start(t, app)
  const { socket, read } = openSocket(port)
  socket.write(`POST /forbidden HTTP/1.1\r\nhost: x\r\n${json}\r\ncontent-length: 200000\r\n\r\n`)
  const timer = setInterval(() => { socket.write('x'.repeat(20_000)) }, 10)
  const response = await read()
  clearInterval(timer)
  t.match(response, { status: 403, body: '{}' })
})
