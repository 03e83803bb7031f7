import { createServer } from 'node:http'
import t, { type Test } from 'tap'
import { listenDuringStartup } from '../../../../shared/src/http/server/startup-listener.ts'
import { freePort } from '../../../../test/kit/servers/ports.ts'
import { createUpstream } from '../../../src/proxy/upstream.ts'

const [ready, starting] = ['127.0.0.1', '127.0.0.2']
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

/** Starts a service behind these addresses. One instance is ready, the other is not. */
async function startService (t: Test, addresses: readonly string[]) {
  const port = await freePort()
  const server = createServer((request, response) => { request.resume().once('end', () => { response.end('{}') }) })
  await new Promise<void>(resolve => { server.listen(port, ready, resolve) })
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  t.teardown(await listenDuringStartup({ host: starting, port }))
  let retries = 0
  const upstream = createUpstream(`http://service:${port}`, {
    onRetry: () => { retries += 1 },
    lookup: (_hostname, _options, callback) => {
      callback(null, addresses.map(address => ({ address, family: 4 })))
    }
  })
  t.teardown(upstream.close)
  return {
    retries: () => retries,
    send: async (method: typeof methods[number]) => await new Promise<number | string>(resolve => {
      const body = method === 'POST' ? Buffer.from('{}') : undefined
      upstream.request({ method, path: '/', headers: {}, body }, (error, response) => {
        resolve(response?.statusCode ?? String(error))
      })
    })
  }
}

t.test('no request fails while an instance is starting: another one answers it', async t => {
  const { send, retries } = await startService(t, [starting, ready])
  const results = await Promise.all(Array.from({ length: 10 }, () => methods).flat().map(send))
  t.same(new Set(results), new Set([200]))
  t.ok(retries() > 0)
})

t.test('the address of a starting instance comes last for a second', async t => {
  const { send, retries } = await startService(t, [starting, ready])
  t.equal(await send('POST'), 200)
  t.equal(retries(), 1)
  t.same(new Set(await Promise.all(methods.map(send))), new Set([200]))
  t.equal(retries(), 1)
})

t.test('503 if all instances are starting, after one more attempt', async t => {
  const { send, retries } = await startService(t, [starting])
  t.equal(await send('POST'), 503)
  t.equal(retries(), 1)
})
