import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { createUpstream } from '../src/upstream.ts'

/** Instances of one service: the same port, an address each. */
async function startInstances (t: Test, addresses: readonly string[]) {
  const asked = new Map<string, number>()
  let port = 0
  const servers: Server[] = []
  for (const address of addresses) {
    const server = createServer((_request, response) => {
      asked.set(address, (asked.get(address) ?? 0) + 1)
      setTimeout(() => response.setHeader('content-length', 2).end('{}'), 50)
    })
    await new Promise<void>(resolve => { server.listen(port, address, resolve) })
    port = (server.address() as AddressInfo).port
    servers.push(server)
  }
  t.teardown(() => { servers.forEach(server => { server.closeAllConnections(); server.close() }) })
  return { asked, port }
}

function upstreamOf (t: Test, port: number, addresses: readonly string[] | Error, lifetime?: number) {
  const upstream = createUpstream(`http://event-service:${port}`, undefined, (hostname, _options, found) => {
    t.equal(hostname, 'event-service')
    if (addresses instanceof Error) found(addresses, [])
    else found(null, addresses.map(address => ({ address, family: 4 })))
  }, lifetime)
  t.teardown(upstream.close)
  return async () => await new Promise<number | string>(resolve => {
    upstream.request({ path: '/', method: 'GET', headers: {} }, (error, answer) => { resolve(answer?.statusCode ?? String((error as { code?: string }).code)) })
  })
}

const three = ['127.0.0.1', '127.0.0.2', '127.0.0.3']

t.test('a name with several addresses is several instances: all of them are used', async t => {
  const { asked, port } = await startInstances(t, three)
  const ask = upstreamOf(t, port, three)
  t.same(await Promise.all(Array.from({ length: 12 }, ask)), Array.from({ length: 12 }, () => 200))
  t.same([...asked.keys()].sort(), three)
  t.ok([...asked.values()].every(count => count === 4), 'each as often as the others')
})

t.test('an instance that is gone costs nothing: the next one is asked', async t => {
  const { asked, port } = await startInstances(t, ['127.0.0.1', '127.0.0.3'])
  const ask = upstreamOf(t, port, three)
  t.same(await Promise.all(Array.from({ length: 12 }, ask)), Array.from({ length: 12 }, () => 200))
  t.same([...asked.keys()].sort(), ['127.0.0.1', '127.0.0.3'])
})

t.test('a name that nobody knows is a service that is away', async t => {
  const ask = upstreamOf(t, 80, Object.assign(new Error('getaddrinfo ENOTFOUND event-service'), { code: 'ENOTFOUND' }))
  t.equal(await ask(), 'ENOTFOUND')
})

t.test('an instance that was added is used as soon as the connections are renewed, and what is under way then is answered', async t => {
  const { asked, port } = await startInstances(t, three.slice(0, 2))
  const known = three.slice(0, 1)
  const ask = upstreamOf(t, port, known, 120)
  t.same(await Promise.all(Array.from({ length: 4 }, ask)), [200, 200, 200, 200])
  t.same([...asked.keys()], three.slice(0, 1))
  known.push('127.0.0.2')
  while (asked.size === 1) t.equal(await ask(), 200)
  t.same([...asked.keys()], three.slice(0, 2))
})
