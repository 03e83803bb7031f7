import { createServer, type Server, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { createUpstream } from '../../../src/proxy/upstream.ts'

type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** The behavior of a service after a complete request has arrived on a connection. */
type Behavior = (socket: Socket, requestNumber: number) => void

const ok: Behavior = socket => { socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}') }
const hangUp: Behavior = socket => { socket.destroy() }

/**
 * Starts a service that speaks raw HTTP, and returns a function that sends one request to it.
 * @param timing in milliseconds: until the name of the service is resolved, and how long a response may take.
 */
async function startService (t: Test, behavior: Behavior, { lookupTime = 0, responseTimeout = 60_000 } = {}) {
  let requests = 0
  const server: Server = createServer(socket => {
    socket.on('error', () => undefined)
    socket.on('data', () => {
      requests += 1
      behavior(socket, requests)
    })
  })
  await new Promise<void>(resolve => { server.listen(0, '127.0.0.1', resolve) })
  t.teardown(() => { server.close() })
  let retries = 0
  const upstream = createUpstream(`http://service:${(server.address() as AddressInfo).port}`, {
    responseTimeout,
    onRetry: () => { retries += 1 },
    lookup: (_hostname, _options, callback) => {
      setTimeout(callback, lookupTime, null, [{ address: '127.0.0.1', family: 4 }])
    }
  })
  t.teardown(upstream.close)
  return {
    server,
    requests: () => requests,
    retries: () => retries,
    send: async (method: Method) => await new Promise<number | string>(resolve => {
      upstream.request({ method, path: '/', headers: {} }, (error, response) => {
        resolve(response?.statusCode ?? String((error as { code?: string }).code ?? error?.name))
      })
    })
  }
}

for (const method of ['GET', 'HEAD'] as const) {
  t.test(`${method} is retried if the connection ends without a byte of a response`, async t => {
    const service = await startService(t, (socket, number) => { (number === 1 ? hangUp : ok)(socket, number) })
    t.equal(await service.send(method), 200)
    t.equal(service.requests(), 2)
    t.equal(service.retries(), 1)
  })

  t.test(`${method} is not retried twice`, async t => {
    const service = await startService(t, hangUp)
    t.type(await service.send(method), 'string')
    t.equal(service.requests(), 2)
  })
}

t.test('GET is retried after failing on a connection that has already received a response', async t => {
  const service = await startService(t, (socket, number) => { (number === 2 ? hangUp : ok)(socket, number) })
  t.equal(await service.send('GET'), 200)
  t.equal(await service.send('GET'), 200)
  t.equal(service.requests(), 3)
})

for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const) {
  t.test(`${method} is never sent twice`, async t => {
    const service = await startService(t, hangUp)
    t.type(await service.send(method), 'string')
    t.equal(service.requests(), 1)
  })
}

t.test('GET is not retried once a byte of a response has arrived, even on a reused connection', async t => {
  for (const answered of [0, 1]) {
    const service = await startService(t, (socket, number) => {
      if (number <= answered) ok(socket, number)
      else socket.end('H')
    })
    for (let n = 0; n < answered; n++) t.equal(await service.send('GET'), 200)
    t.type(await service.send('GET'), 'string')
    t.equal(service.requests(), answered + 1)
  }
})

t.test('GET is not retried after a timeout', async t => {
  const service = await startService(t, () => undefined, { responseTimeout: 500 })
  t.equal(await service.send('GET'), 'UpstreamTimeoutError')
  t.equal(service.requests(), 1)
})

t.test('a request that was never sent is retried once, with any method', async t => {
  const service = await startService(t, ok)
  service.server.close()
  for (const [index, method] of (['GET', 'POST'] as const).entries()) {
    t.equal(await service.send(method), 'ECONNREFUSED')
    t.equal(service.retries(), index + 1)
  }
})

t.test('a request is not sent if its connection is established too late', async t => {
  const service = await startService(t, ok, { lookupTime: 700, responseTimeout: 500 })
  t.equal(await service.send('GET'), 'UpstreamBusyError')
  t.equal(service.requests(), 0)
  t.equal(service.retries(), 0)
})

t.test('a waiting request gets the first connection that becomes free', async t => {
  let open = 0
  let mostOpen = 0
  const service = await startService(t, socket => {
    open += 1
    mostOpen = Math.max(mostOpen, open)
    setTimeout(() => {
      open -= 1
      ok(socket, 0)
    }, 5)
  })
  const results = await Promise.all(Array.from({ length: 200 }, async () => await service.send('POST')))
  t.same([...new Set(results)], [200])
  t.ok(mostOpen <= 128, `${mostOpen} at once`)
})
