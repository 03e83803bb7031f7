import { spawn } from 'node:child_process'
import { once } from 'node:events'
import t from 'tap'
import { fastest } from '../../../../test/kit/run/fastest.ts'
import { plainly } from '../../../../test/kit/servers/plainly.ts'
import { openSocket } from '../../../../test/kit/http/socket.ts'
import { buildApp } from '../../../src/app.ts'
import { readConfig } from '../../../src/config.ts'
import { startGateway } from '../../support/gateway.ts'

const { app, call, upstream, issuer } = await startGateway(t)
const token = issuer.tokenOf('ADMIN')
const unavailable = { code: 'UPSTREAM_UNAVAILABLE', detail: 'The service cannot be reached; retry later.' }

/** A read and a write. */
const operations = [
  { method: 'GET', path: '/v1/events', options: { token } },
  { method: 'POST', path: '/v1/events/e-1/claims', options: { token, body: {} } }
]

t.beforeEach(() => { upstream.arrivals.length = 0 })

t.test('502 if a service closes the connection without a response; only a GET is retried', async t => {
  upstream.answer = (request, response) => { request.resume().on('end', () => response.socket?.destroy()) }
  for (const { method, path, options } of operations) {
    upstream.arrivals.length = 0
    t.match(await call(method, path, options), { status: 502, body: { status: 502, ...unavailable } }, method)
    t.equal(upstream.arrivals.length, method === 'GET' ? 2 : 1)
  }
})

t.test('502 for a response that is not HTTP, without the message of a library', async t => {
  upstream.answer = (_request, response) => { response.socket?.end('220 mail.example ESMTP\r\n\r\n') }
  const answer = await call('GET', '/v1/events', { token })
  t.match(answer, { status: 502, body: unavailable })
  t.notMatch(JSON.stringify(answer.body), /parse|undici|ESMTP|127\.0\.0\.1/i)
})

t.test('502 for an invalid status', async t => {
  for (const rest of ['content-length: 2\r\n\r\nhi', 'transfer-encoding: chunked\r\n\r\n2\r\nhi\r\n']) {
    upstream.answer = (_request, response) => { response.socket?.end(`HTTP/1.1 799 Odd\r\n${rest}`) }
    t.match(await call('GET', '/v1/events', { token }), { status: 502, body: unavailable })
  }
})

t.test('a truncated response never looks complete: 502 if it is short, otherwise a broken connection', async t => {
  const breakOff = (headers: Record<string, string>) => {
    upstream.answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', ...headers }).write('{"data":[')
      setTimeout(() => response.socket?.destroy(), 50)
    }
  }
  breakOff({ 'content-length': '100' })
  t.match(await call('GET', '/v1/events', { token }), { status: 502, body: unavailable })
  breakOff({})
  await t.rejects(call('GET', '/v1/events', { token }))
  breakOff({ 'content-length': '1000000' })
  await t.rejects(call('GET', '/v1/events', { token }))
})

t.test('with a shorter timeout', async t => {
  const { call, upstream, issuer } = await startGateway(t, { responseTimeout: 1000 })
  const token = issuer.tokenOf('ADMIN')
  upstream.answer = ({ url }, response) => {
    if (url === '/v1/events/slow') setTimeout(() => response.end('{}'), 150)
    if (url?.startsWith('/v1/events/breaks-off') !== true) return
    const length: Record<string, string> = url === '/v1/events/breaks-off' ? { 'content-length': '100' } : {}
    response.writeHead(200, { 'content-type': 'application/json', ...length }).write('{"data":[')
  }
  // All of them wait at the same time.
  const silent = [call('GET', '/v1/events', { token }), call('POST', '/v1/events', { token, body: {} })]
  const short = call('GET', '/v1/events/breaks-off', { token })
  const ofUnknownLength = t.rejects(call('GET', '/v1/events/breaks-off-unknown', { token }))
  const slow = call('GET', '/v1/events/slow', { token })

  t.test('504 if a service does not respond, without the message of a library and without a retry', async t => {
    const body = {
      title: 'Service timeout', code: 'UPSTREAM_TIMEOUT', detail: 'The service did not respond in time.'
    }
    for (const answer of await Promise.all(silent)) t.match(answer, { status: 504, body })
    const arrivals = upstream.arrivals.filter(({ url }) => url === '/v1/events')
    t.same(arrivals.map(({ method }) => method).sort(), ['GET', 'POST'])
  })

  t.test('a response that stops before its end is aborted in time', async t => {
    t.match(await short, { status: 504 })
    await ofUnknownLength
  })

  t.test('200 if a service responds slowly but in time', async t => { t.match(await slow, { status: 200 }) })
})

t.test('502 if no connection to a service can be established', async t => {
  // This process accepts no connections, and its backlog is full.
  const source = `
    require('net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, function () {
      console.log(this.address().port)
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
    })`
  const child = spawn(...plainly(process.execPath, ['-e', source]), { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => child.kill('SIGKILL'))
  const [line] = await once(child.stdout, 'data') as [Buffer]
  const port = Number(line)
  const pending = Array.from({ length: 5 }, () => openSocket(port).socket)
  t.teardown(() => { for (const socket of pending) socket.destroy() })
  await Promise.any(pending.map(async socket => await once(socket, 'connect')))

  const urls = { AUTH_URL: upstream.url, EVENT_URL: `http://127.0.0.1:${port}` }
  const app = await buildApp(readConfig({ ...urls, LOG_LEVEL: 'silent' }))
  t.teardown(async () => { await app.close() })
  const answer = await app.inject({ url: '/v1/events', headers: { authorization: `Bearer ${token}` } })
  t.match(answer.json(), { status: 502, ...unavailable })
})

t.test('502 in less than a second while a service is down, without its address or internal messages', async t => {
  await upstream.stop()
  for (const { method, path, options } of operations) {
    t.ok(await fastest(async () => await call(method, path, options)) < 1000)
    const answer = await call(method, path, options)
    t.match(answer, { status: 502, body: { title: 'Service unreachable', ...unavailable } })
    t.match(answer.headers.get('content-type'), 'application/problem+json')
    // An id may contain the digits of the port.
    const id = String(answer.headers.get('x-request-id'))
    const text = JSON.stringify([...answer.headers, answer.body]).replaceAll(id, '')
    t.notMatch(text, new RegExp(`ECONN|undici|reply|${upstream.port}|127\\.0\\.0\\.1`, 'i'))
  }
  t.match(await app.inject('/health/live'), { statusCode: 200 })
})
