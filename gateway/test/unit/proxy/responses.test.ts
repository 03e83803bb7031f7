import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { eventually } from '../../../../test/kit/run/eventually.ts'
import { openSocket, rawRequest } from '../../../../test/kit/http/socket.ts'
import { startGateway } from '../../support/gateway.ts'

const { call, url, port, upstream, issuer } = await startGateway(t)
const token = issuer.tokenOf('ADMIN')
const credentials = [`authorization: Bearer ${token}`]
const claimPath = '/v1/events/e-1/claims'

t.beforeEach(() => { upstream.arrivals.length = 0 })

for (const status of [200, 201, 400, 404, 409, 422, 429, 500, 503]) {
  t.test(`${status} of a service is forwarded with its body, without a retry`, async t => {
    upstream.answer = (request, response) => {
      request.resume().on('end', () => {
        response.writeHead(status, { 'content-type': 'application/problem+json' }).end(`{"code":"C_${status}"}`)
      })
    }
    t.match(await call('GET', '/v1/events', { token }), { status, body: { code: `C_${status}` } })
    t.match(await call('POST', claimPath, { token, body: {} }), { status, body: { code: `C_${status}` } })
    t.equal(upstream.arrivals.length, 2)
  })
}

t.test('500 of a service without a problem document is forwarded unchanged', async t => {
  for (const headers of [{ 'content-length': 4 }, {}]) {
    upstream.answer = (_request, response) => { response.writeHead(500, headers).end('oops') }
    t.match(await call('GET', '/v1/events', { token }), { status: 500, body: 'oops' })
  }
})

t.test('204 of a service has no body', async t => {
  upstream.answer = (_request, response) => { response.writeHead(204).end() }
  t.match(await call('PATCH', '/v1/events/e-1', { token, body: {} }), { status: 204, body: '' })
})

t.test('an interim response of a service is not forwarded', async t => {
  upstream.answer = (_request, response) => {
    response.writeEarlyHints({ link: '</x>; rel=preload' }, () => { response.end('{"late":true}') })
  }
  t.match(await call('GET', '/v1/events', { token }), { status: 200, body: '{"late":true}' })
})

t.test('a response of any size arrives completely, even at a client that reads slowly', async t => {
  const body = 'x'.repeat(3_000_000)
  for (const headers of [{}, { 'content-length': String(body.length) }]) {
    upstream.answer = (_request, response) => { response.writeHead(200, headers).end(body) }
    const { socket, read } = openSocket(port)
    socket.write(rawRequest('GET /v1/events', credentials))
    socket.pause()
    await sleep(100)
    socket.resume()
    t.ok((await read()).text.length > body.length)
  }
})

t.test('a response is streamed: its first bytes arrive before the service has written the last ones', async t => {
  let finish = () => {}
  upstream.answer = (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/csv' }).write('first')
    finish = () => { response.end(' last') }
  }
  const response = await fetch(`${url}/v1/events`, { headers: { authorization: `Bearer ${token}` } })
  const reader = response.body?.getReader()
  const readText = async () => Buffer.from((await reader?.read())?.value ?? []).toString()
  t.equal(await readText(), 'first')
  finish()
  t.equal(await readText(), ' last')
})

t.test('if a client disconnects during a streamed response, the request to the service is aborted', async () => {
  let isClosed = false
  upstream.answer = (_request, response) => {
    response.on('close', () => { isClosed = true })
    response.writeHead(200).write('first')
  }
  const { socket, read } = openSocket(port)
  socket.write(rawRequest('GET /v1/events', credentials))
  await eventually(async () => socket.bytesRead > 0)
  socket.destroy()
  await read()
  await eventually(async () => isClosed)
})

t.test('if a client disconnects before a short response, the service is not interrupted', async t => {
  let isFinished = false
  upstream.answer = (request, response) => {
    request.resume()
    response.on('finish', () => { isFinished = true })
    setTimeout(() => { response.writeHead(201, { 'content-length': '2' }).end('{}') }, 100)
  }
  const { socket } = openSocket(port)
  socket.write(rawRequest(`POST ${claimPath}`, credentials))
  await eventually(async () => upstream.arrivals.length > 0)
  socket.destroy()
  await eventually(async () => isFinished)
  t.match(await call('GET', '/health/live'), { status: 200 })
})
