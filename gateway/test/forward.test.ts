import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { plainly } from '../../test/kit/plainly.ts'
import { openSocket, rawRequest, sendRaw } from '../../test/kit/socket.ts'
import { buildApp } from '../src/app.ts'
import { readConfig } from '../src/config.ts'
import { createUpstream, defaultAnswerTimeout } from '../src/upstream.ts'
import { startGateway } from './support/gateway.ts'

const { app, call, port, upstream, issuer } = await startGateway(t)
const token = issuer.tokenOf('ADMIN')
const safe = { method: 'GET', path: '/v1/events', options: { token } } as const
const unsafe = { method: 'POST', path: '/v1/events/e-1/claims', options: { token, body: {} } } as const

t.beforeEach(() => {
  upstream.arrivals.length = 0
  upstream.answer = (request, response) => { request.resume().on('end', () => response.end('{}')) }
})

for (const status of [200, 201, 400, 404, 409, 422, 429, 500, 503]) {
  t.test(`${status} of a service is passed on as it is, its body too`, async t => {
    upstream.answer = (request, response) => {
      request.resume().on('end', () => response.writeHead(status, { 'content-type': 'application/problem+json' }).end(`{"code":"C_${status}"}`))
    }
    for (const { method, path, options } of [safe, unsafe]) t.match(await call(method, path, options), { status, body: { code: `C_${status}` } }, method)
    t.equal(upstream.arrivals.length, 2, 'each was asked for once')
  })
}

t.test('204 of a service has no body', async t => {
  upstream.answer = (_request, response) => { response.writeHead(204).end() }
  t.match(await call('PATCH', '/v1/events/e-1', { token, body: {} }), { status: 204, body: '' })
})

t.test('502: a service that hangs up is asked once, also for a GET', async t => {
  upstream.answer = (request, response) => { request.resume().on('end', () => response.socket?.destroy()) }
  for (const { method, path, options } of [safe, unsafe]) {
    upstream.arrivals.length = 0
    const answer = await call(method, path, options)
    t.match(answer, { status: 502, body: { status: 502, code: 'UPSTREAM_UNAVAILABLE', detail: 'The service behind cannot be reached' } }, method)
    await sleep(100)
    t.equal(upstream.arrivals.length, 1)
  }
})

t.test('502: an answer that is not HTTP', async t => {
  upstream.answer = (_request, response) => { response.socket?.end('220 mail.example ESMTP\r\n\r\n') }
  const answer = await call('GET', '/v1/events', { token })
  t.match(answer, { status: 502, body: { code: 'UPSTREAM_UNAVAILABLE' } })
  t.notMatch(JSON.stringify(answer.body), /parse|undici|ESMTP|127\.0\.0\.1/i)
})

t.test('502: a status that does not exist', async t => {
  for (const rest of ['content-length: 2\r\n\r\nhi', 'transfer-encoding: chunked\r\n\r\n2\r\nhi\r\n']) {
    upstream.answer = (_request, response) => { response.socket?.end(`HTTP/1.1 799 Odd\r\n${rest}`) }
    t.match(await call('GET', '/v1/events', { token }), { status: 502, body: { code: 'UPSTREAM_UNAVAILABLE' } })
  }
})

t.test('an answer that breaks off is never taken for a whole one: 502 where its length was told, else it breaks off here too', async t => {
  const breakOff = (headers: Record<string, string>) => {
    upstream.answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', ...headers }).write('{"data":[')
      setTimeout(() => response.socket?.destroy(), 50)
    }
  }
  breakOff({ 'content-length': '100' })
  t.match(await call('GET', '/v1/events', { token }), { status: 502, body: { code: 'UPSTREAM_UNAVAILABLE' } })
  for (const headers of [{}, { 'content-length': '1000000' }]) {
    breakOff(headers as Record<string, string>)
    await t.rejects(call('GET', '/v1/events', { token }))
  }
})

t.test('an early hint of a service is no answer', async t => {
  upstream.answer = (_request, response) => { response.writeEarlyHints({ link: '</x>; rel=preload' }, () => { response.end('{"late":true}') }) }
  t.match(await call('GET', '/v1/events', { token }), { status: 200, body: '{"late":true}' })
})

t.test('an answer of any size arrives whole, also where the client reads slowly', async t => {
  const body = 'x'.repeat(3_000_000)
  for (const headers of [{}, { 'content-length': String(body.length) }]) {
    upstream.answer = (_request, response) => { response.writeHead(200, headers).end(body) }
    const { socket, read } = openSocket(port)
    socket.write(rawRequest('GET /v1/events', [`authorization: Bearer ${token}`]))
    socket.pause()
    await sleep(100)
    socket.resume()
    t.ok((await read()).text.length > body.length)
  }
})

t.test('a client that leaves in the middle of an answer ends it for the service too; what it has asked for in one piece is finished', async t => {
  const states: string[] = []
  upstream.answer = (_request, response) => {
    response.on('close', () => states.push('ended'))
    response.writeHead(200).write('first')
  }
  const { socket, read } = openSocket(port)
  socket.write(rawRequest('GET /v1/events', [`authorization: Bearer ${token}`]))
  while (socket.bytesRead === 0) await sleep(5)
  socket.destroy()
  await read()
  while (!states.includes('ended')) await sleep(5)

  upstream.answer = (request, response) => {
    request.resume()
    setTimeout(() => { response.on('finish', () => states.push('finished')).writeHead(201, { 'content-length': '2' }).end('{}') }, 100)
  }
  upstream.arrivals.length = 0
  const leaver = openSocket(port)
  leaver.socket.write(rawRequest('POST /v1/events/e-1/claims', [`authorization: Bearer ${token}`]))
  while (upstream.arrivals.length === 0) await sleep(5)
  leaver.socket.destroy()
  while (!states.includes('finished')) await sleep(5)
  t.match(await call('GET', '/health/live'), { status: 200 })
})

t.test('slow bodies hold no connection to a service: more of them than there are connections', async t => {
  const slow = Array.from({ length: 150 }, () => openSocket(port).socket)
  for (const socket of slow) socket.write(rawRequest('POST /v1/events', [`authorization: Bearer ${token}`, 'content-type: application/json', 'content-length: 100'], '{"a'))
  await sleep(100)
  t.match(await call('GET', '/v1/events', { token }), { status: 200 })
  t.equal(upstream.arrivals.length, 1)
  for (const socket of slow) socket.destroy()
})

t.test('an answer is streamed: its beginning arrives before its end is written', async t => {
  let finish = () => {}
  upstream.answer = (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/csv' }).write('first')
    finish = () => { response.end(' last') }
  }
  const answer = await fetch(`http://127.0.0.1:${port}/v1/events`, { headers: { authorization: `Bearer ${token}` } })
  const reader = answer.body?.getReader()
  t.equal(Buffer.from((await reader?.read())?.value ?? []).toString(), 'first')
  finish()
  t.equal(Buffer.from((await reader?.read())?.value ?? []).toString(), ' last')
})

t.test('a client that goes away in the middle of its body leaves the gateway working', async t => {
  for (const headers of [['content-length: 1000'], ['transfer-encoding: chunked']]) {
    const { socket, read } = openSocket(port)
    socket.write(rawRequest('POST /v1/events', [`authorization: Bearer ${token}`, 'content-type: application/json', ...headers], '3\r\n{"a'))
    await sleep(50)
    socket.destroy()
    await read()
  }
  t.match(await call('GET', '/v1/events', { token }), { status: 200 })
  t.same(upstream.arrivals.map(({ method }) => method), ['GET'], 'a half body reaches no service')
})

t.test('400 for an upgrade: no connection turns into anything but HTTP', async t => {
  const answer = await sendRaw(port, rawRequest('GET /v1/events', [`authorization: Bearer ${token}`, 'connection: Upgrade', 'upgrade: websocket', 'sec-websocket-version: 13', 'sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==']))
  t.equal(answer.status, 400)
  t.same(upstream.arrivals, [])
})

t.test('an Upgrade without Connection is ignored', async t => {
  const answer = await sendRaw(port, rawRequest('GET /v1/events', [`authorization: Bearer ${token}`, 'upgrade: websocket']))
  t.equal(answer.status, 200)
  t.notOk(upstream.arrivals[0]?.headers.upgrade)
})

t.test('a service that is silent', async t => {
  const { call, upstream, issuer } = await startGateway(t, 300)
  const token = issuer.tokenOf('ADMIN')

  t.test('504: a service that hangs, told without a library\'s words and asked once', async t => {
    upstream.answer = request => { request.resume() }
    for (const [method, options] of [['GET', { token }], ['POST', { token, body: {} }]] as const) {
      upstream.arrivals.length = 0
      const answer = await call(method, '/v1/events', options)
      t.match(answer, { status: 504, body: { title: 'Gateway Timeout', code: 'UPSTREAM_TIMEOUT', detail: 'The service behind did not answer in time' } }, method)
      await sleep(100)
      t.equal(upstream.arrivals.length, 1)
    }
  })

  t.test('an answer that stops halfway is broken off in time', async t => {
    upstream.answer = (_request, response) => { response.writeHead(200, { 'content-type': 'application/json' }).write('{"data":[') }
    await t.rejects(call('GET', '/v1/events', { token }))
    upstream.answer = (_request, response) => { response.writeHead(200, { 'content-length': '100' }).write('{"data":[') }
    t.match(await call('GET', '/v1/events', { token }), { status: 504 })
  })

  t.test('a service that answers slowly but in time is waited for', async t => {
    upstream.answer = (_request, response) => { setTimeout(() => response.end('{}'), 150) }
    t.match(await call('GET', '/v1/events', { token }), { status: 200 })
  })
})

t.test('a service has ten seconds to answer', async t => {
  t.equal(defaultAnswerTimeout, 10_000)
  await createUpstream('http://127.0.0.1:1').close()
})

t.test('502: a service to which no connection comes about', async t => {
  // Its process accepts nothing, and the queue before it is full.
  const source = "require('net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, function () { console.log(this.address().port); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0) })"
  const child = spawn(...plainly(process.execPath, ['-e', source]), { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => child.kill('SIGKILL'))
  const [line] = await once(child.stdout, 'data') as [Buffer]
  const waiting = Array.from({ length: 5 }, () => openSocket(Number(line)).socket)
  t.teardown(() => { waiting.forEach(socket => { socket.destroy() }) })
  await sleep(100)

  const app = await buildApp(readConfig({ AUTH_URL: upstream.url, EVENT_URL: `http://127.0.0.1:${Number(line)}`, LOG_LEVEL: 'silent' }))
  t.teardown(async () => { await app.close() })
  const answer = await app.inject({ url: '/v1/events', headers: { authorization: `Bearer ${token}` } })
  t.match(answer.json(), { status: 502, code: 'UPSTREAM_UNAVAILABLE' })
})

t.test('502 in under a second while a service is down, without its address or a library\'s words', async t => {
  await upstream.stop()
  for (const { method, path, options } of [safe, unsafe]) {
    const begin = Date.now()
    const answer = await call(method, path, options)
    t.ok(Date.now() - begin < 1000)
    t.match(answer, { status: 502, body: { title: 'Bad Gateway', code: 'UPSTREAM_UNAVAILABLE' } })
    t.match(answer.headers.get('content-type'), 'application/problem+json')
    t.notMatch(JSON.stringify([...answer.headers, answer.body]), new RegExp(`ECONN|undici|reply|${upstream.port}|127\\.0\\.0\\.1`, 'i'))
  }
  t.match(await app.inject('/health/live'), { statusCode: 200 })
})
