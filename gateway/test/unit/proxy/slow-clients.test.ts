import t from 'tap'
import { setTimeout as sleep } from 'node:timers/promises'
import { openSocket, rawRequest, sendRaw } from '../../../../test/kit/http/socket.ts'
import { startGateway } from '../../support/gateway.ts'

const { app, call, port, upstream, issuer } = await startGateway(t)
const token = issuer.tokenOf('ADMIN')
const credentials = `authorization: Bearer ${token}`
const json = [credentials, 'content-type: application/json']

t.test('slow bodies occupy no connection to a service, even if they outnumber its connections', async t => {
  const slow = Array.from({ length: 150 }, () => openSocket(port).socket)
  for (const socket of slow) {
    socket.write(rawRequest('POST /v1/events', [...json, 'content-length: 100'], '{"a'))
  }
  t.match(await call('GET', '/v1/events', { token }), { status: 200 })
  t.equal(upstream.arrivals.length, 1)
  for (const socket of slow) socket.destroy()
})

t.test('if a client disconnects before its body is complete, no part of the body reaches a service', async t => {
  upstream.arrivals.length = 0
  for (const headers of [['content-length: 1000'], ['transfer-encoding: chunked']]) {
    const { socket, read } = openSocket(port)
    const isWritten = new Promise<void>(resolve => {
      socket.write(rawRequest('POST /v1/events', [...json, ...headers], '3\r\n{"a'), () => { resolve() })
    })
    await isWritten
    socket.destroy()
    await read()
  }
  t.match(await call('GET', '/v1/events', { token }), { status: 200 })
  t.same(upstream.arrivals.map(({ method }) => method), ['GET'])
})

t.test('408 for headers and bodies that do not end; other clients are still answered', async t => {
  // Shorter timeouts on the same server, which checks for slow clients every second.
  app.server.headersTimeout = 200
  app.server.requestTimeout = 400
  const head = (...lines: string[]) => [...lines, 'host: laurel', ''].join('\r\n')
  const post = (framing: string) => `${head('POST /v1/events HTTP/1.1', ...json, framing)}\r\n`
  const chunkedPost = post('transfer-encoding: chunked')

  // One client never ends its headers, and one never ends its body. Both send a few bytes from time to time.
  const drips = [
    { ...openSocket(port), start: head('GET /v1/events HTTP/1.1', credentials), drip: 'x-slow: y\r\n' },
    { ...openSocket(port), start: chunkedPost, drip: '1\r\n{\r\n' }
  ]
  for (const { socket, start } of drips) socket.write(start)
  const dripping = (async () => {
    while (drips.some(({ socket }) => socket.writable)) {
      for (const { socket, drip } of drips) if (socket.writable) socket.write(drip)
      await sleep(50)
    }
  })()
  const stalled = [`${post('content-length: 100')}{"a":`, `${chunkedPost}5\r\n{"a":\r\n`]
    .map(async bytes => await sendRaw(port, bytes))

  t.equal((await sendRaw(port, rawRequest('GET /v1/events', [credentials]))).status, 200)
  for (const answer of await Promise.all([...drips.map(async ({ read }) => await read()), ...stalled])) {
    t.match(answer, {
      status: 408, head: /application\/problem\+json[^]*connection: close/, body: '"code":"REQUEST_TIMEOUT"'
    })
  }
  await dripping
})
