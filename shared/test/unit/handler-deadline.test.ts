import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { createService } from '@laurel/shared/http'
import t, { type Test } from 'tap'
import { rawRequest, sendRaw } from '../../../test/kit/http/socket.ts'

const json = 'content-type: application/json'

async function startSlow (t: Test, handlerTimeout: number) {
  const app = createService({ name: 'slow', logLevel: 'silent', translateError: () => undefined, handlerTimeout })
  t.teardown(async () => { await app.close() })
  const stuck = async () => await new Promise(() => undefined)
  app.get('/stuck', stuck)
  app.post('/stuck', stuck)
  app.post('/late', async () => await sleep(4 * handlerTimeout, { late: true }))
  app.post('/quick', async ({ body }) => body)
  app.get('/failing', async () => {
    await sleep(4 * handlerTimeout)
    throw new Error('too late for a response')
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  return (app.server.address() as AddressInfo).port
}

t.test('a response that has begun is not cut off, even if it takes long', async t => {
  const timeout = 50
  const options = { name: 'long', logLevel: 'silent', translateError: () => undefined }
  const app = createService({ ...options, handlerTimeout: timeout })
  t.teardown(async () => { await app.close() })
  app.get('/long', async (_request, reply) => await reply.send(Readable.from(async function * () {
    yield 'begun '
    yield await sleep(4 * timeout, 'ended')
  }())))
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  t.equal(await (await fetch(`http://127.0.0.1:${port}/long`)).text(), 'begun ended')
})

const unavailable = { status: 503, head: /retry-after: 1\r\n/, body: '"code":"SERVICE_UNAVAILABLE"' }

for (const [name, request] of [
  ['GET', rawRequest('GET /stuck')],
  ['POST without a body', rawRequest('POST /stuck')],
  ['POST with a body', rawRequest('POST /stuck', [json, 'content-length: 7'], '{"a":1}')],
  ['POST with a chunked body', rawRequest('POST /stuck', [json, 'transfer-encoding: chunked'], '2\r\n{}\r\n0\r\n\r\n')],
  ['a handler that answers later', rawRequest('POST /late', [json, 'content-length: 2'], '{}')],
  ['a handler that fails later', rawRequest('GET /failing')]
] as const) {
  t.test(`503 if a handler does not answer in time: ${name}`, async t => {
    const port = await startSlow(t, 100)
    const start = performance.now()
    t.match(await sendRaw(port, request), unavailable)
    const elapsed = performance.now() - start
    t.ok(elapsed >= 99, `${elapsed} ms`)
  })
}

t.test('a timeout is logged, but not the late result of its handler', async t => {
  const handlerTimeout = 50
  const app = createService({ name: 'slow', logLevel: 'silent', translateError: () => undefined, handlerTimeout })
  t.teardown(async () => { await app.close() })
  const logged: unknown[] = []
  app.addHook('onRequest', (request, _reply, done) => {
    const value = (...what: unknown[]): void => { logged.push(what) }
    Object.defineProperties(request.log, { warn: { value }, error: { value } })
    done()
  })
  const late = new Promise(resolve => { setTimeout(resolve, 4 * handlerTimeout, { late: true }) })
  app.get('/late', async () => await late)
  t.equal((await fetch(`${await app.listen({ host: '127.0.0.1', port: 0 })}/late`)).status, 503)
  await late
  await sleep(0)
  t.match(logged, [[{ err: { code: 'SERVICE_UNAVAILABLE' } }]])
  t.equal(logged.length, 1)
})

t.test('200 within the deadline, for each of many requests on one connection', async t => {
  const port = await startSlow(t, 2000)
  const request = `POST /quick HTTP/1.1\r\nhost: x\r\n${json}\r\ncontent-length: 7\r\n\r\n{"a":1}`
  const last = rawRequest('POST /quick', [json, 'content-length: 2'], '{}')
  const { text } = await sendRaw(port, request.repeat(20) + last)
  t.equal(text.match(/HTTP\/1\.1 200/g)?.length, 21)
})

t.test('408 if the body does not arrive before the deadline', async t => {
  const port = await startSlow(t, 100)
  const request = rawRequest('POST /quick', [json, 'content-length: 7'], '{"a"')
  t.match(await sendRaw(port, request), { status: 408, head: /connection: close/, body: '"code":"REQUEST_TIMEOUT"' })
})
