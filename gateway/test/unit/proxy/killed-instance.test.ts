import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import t, { type Test } from 'tap'
import { plainly } from '../../../../test/kit/servers/plainly.ts'
import { freePort } from '../../../../test/kit/servers/ports.ts'
import { createUpstream } from '../../../src/proxy/upstream.ts'

const addresses = ['127.0.0.1', '127.0.0.2', '127.0.0.3']

/** Starts one instance of a service as a separate process. It responds with a short delay. */
async function startInstance (t: Test, address: string, port: number) {
  const source = `
    require('node:http')
      .createServer((request, response) => { setTimeout(() => { response.end('{}') }, 5) })
      .listen(${port}, '${address}', () => { console.log('ready') })`
  const child = spawn(...plainly(process.execPath, ['-e', source]), { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  return child
}

t.test('kill -9 of one of three instances under load: no GET fails', async t => {
  const port = await freePort()
  const [killed] = await Promise.all(addresses.map(async address => await startInstance(t, address, port)))
  let retries = 0
  const upstream = createUpstream(`http://event-service:${port}`, {
    onRetry: () => { retries += 1 },
    lookup: (_hostname, _options, callback) => {
      callback(null, addresses.map(address => ({ address, family: 4 })))
    }
  })
  t.teardown(upstream.close)
  const get = async () => await new Promise<number | string>(resolve => {
    upstream.request({ method: 'GET', path: '/', headers: {} }, (error, response) => {
      resolve(response?.statusCode ?? String(error))
    })
  })

  const results = new Map<number | string, number>()
  const end = new AbortController()
  const clients = Array.from({ length: 60 }, async () => {
    while (!end.signal.aborted) {
      const result = await get()
      results.set(result, (results.get(result) ?? 0) + 1)
    }
  })
  const waitForResults = async (count: number) => {
    const expected = (results.get(200) ?? 0) + count
    while ((results.get(200) ?? 0) < expected && results.size <= 1) await new Promise(resolve => setImmediate(resolve))
  }
  await waitForResults(500)
  killed?.kill('SIGKILL')
  await waitForResults(1000)
  end.abort()
  await Promise.all(clients)
  t.same([...results.keys()], [200])
  t.ok(retries > 0, `${retries} requests were in flight at the killed instance`)
})

t.test('200: a GET is not retried on the instance that failed, even if that one still accepts connections', async t => {
  const port = await freePort()
  const [failing, healthy] = ['127.0.0.1', '127.0.0.2'] as const
  let connections = 0
  const servers = [
    createServer(({ socket }) => { socket.destroy() }).listen(port, failing),
    createServer((_request, response) => { response.end('{}') }).listen(port, healthy)
  ]
  servers[0]?.on('connection', () => { connections += 1 })
  await Promise.all(servers.map(async server => await once(server, 'listening')))
  t.teardown(() => { for (const server of servers) server.close().closeAllConnections() })
  const upstream = createUpstream(`http://event-service:${port}`, {
    // In rotation, the address of the failing instance comes first twice in a row.
    lookup: (_hostname, _options, callback) => {
      callback(null, [failing, failing, healthy].map(address => ({ address, family: 4 })))
    }
  })
  t.teardown(upstream.close)
  const status = await new Promise(resolve => {
    upstream.request({ method: 'GET', path: '/', headers: {} }, (error, response) => {
      resolve(response?.statusCode ?? error)
    })
  })
  t.equal(status, 200)
  t.equal(connections, 1)
})
