import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { createUpstream } from '../../../src/proxy/upstream.ts'

const three = ['127.0.0.1', '127.0.0.2', '127.0.0.3']

/** Starts instances of one service: all on the same port, each on its own address. */
async function startInstances (t: Test, addresses: readonly string[]) {
  const requests = new Map<string, number>()
  const servers: Server[] = []
  let port = 0
  for (const address of addresses) {
    const server = createServer((_request, response) => {
      requests.set(address, (requests.get(address) ?? 0) + 1)
      setTimeout(() => response.setHeader('content-length', 2).end('{}'), 50)
    })
    await new Promise<void>(resolve => { server.listen(port, address, resolve) })
    port = (server.address() as AddressInfo).port
    servers.push(server)
  }
  t.teardown(() => {
    for (const server of servers) {
      server.closeAllConnections()
      server.close()
    }
  })
  return { requests, port }
}

/** Returns a function that sends one request and returns the status or the error code. */
function connectTo (t: Test, port: number, addresses: readonly string[] | Error, lifetime?: number) {
  const upstream = createUpstream(`http://event-service:${port}`, {
    lookup (hostname, _options, callback) {
      t.equal(hostname, 'event-service')
      if (addresses instanceof Error) callback(addresses, [])
      else callback(null, addresses.map(address => ({ address, family: 4 })))
    },
    ...(lifetime === undefined ? {} : { lifetime })
  })
  t.teardown(upstream.close)
  return async () => await new Promise<number | string>(resolve => {
    upstream.request({ path: '/', method: 'GET', headers: {} }, (error, response) => {
      resolve(response?.statusCode ?? String((error as { code?: string }).code))
    })
  })
}

async function sendTogether (send: () => Promise<number | string>, count: number) {
  return await Promise.all(Array.from({ length: count }, send))
}

t.test('all addresses of a name receive the same share of the connections', async t => {
  const { requests, port } = await startInstances(t, three)
  const results = await sendTogether(connectTo(t, port, three), 12)
  t.same(new Set(results), new Set([200]))
  t.same([...requests.keys()].sort(), three)
  t.same([...requests.values()], [4, 4, 4])
})

t.test('no request fails if an instance has exited: the next address is tried', async t => {
  const { requests, port } = await startInstances(t, ['127.0.0.1', '127.0.0.3'])
  const results = await sendTogether(connectTo(t, port, three), 12)
  t.same(new Set(results), new Set([200]))
  t.same([...requests.keys()].sort(), ['127.0.0.1', '127.0.0.3'])
})

t.test('an unknown name is an error', async t => {
  const error = Object.assign(new Error('getaddrinfo ENOTFOUND event-service'), { code: 'ENOTFOUND' })
  const send = connectTo(t, 80, error)
  t.equal(await send(), 'ENOTFOUND')
})

t.test('a new instance is used once the connections are replaced; requests in flight are still answered', async t => {
  const { requests, port } = await startInstances(t, three.slice(0, 2))
  const known = three.slice(0, 1)
  const send = connectTo(t, port, known, 120)
  t.same(await sendTogether(send, 4), [200, 200, 200, 200])
  t.same([...requests.keys()], three.slice(0, 1))
  known.push('127.0.0.2')
  while (requests.size === 1) t.equal(await send(), 200)
  t.same([...requests.keys()], three.slice(0, 2))
})
