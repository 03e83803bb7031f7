import { once } from 'node:events'
import { connect } from 'node:net'
import t, { type Test } from 'tap'
import { startBuilt } from '../../../test/kit/servers/child.ts'
import { eventually } from '../../../test/kit/run/eventually.ts'
import { createIssuer } from '../../../test/kit/tokens/issuer.ts'
import { freePort } from '../../../test/kit/servers/ports.ts'
import { openSocket } from '../../../test/kit/http/socket.ts'
import { startStandIn } from '../../../test/kit/stand-ins/services.ts'

async function start (t: Test) {
  const issuer = createIssuer()
  const upstream = await startStandIn(t, [issuer.jwk])
  const port = await freePort()
  const child = startBuilt(t, 'gateway', {
    AUTH_URL: upstream.url,
    EVENT_URL: upstream.url,
    PORT: String(port),
    METRICS_PORT: '0',
    LOG_LEVEL: 'silent'
  })
  await child.answers(`http://127.0.0.1:${port}/health/ready`)
  const request = `GET /v1/events HTTP/1.1\r\nhost: laurel\r\nauthorization: Bearer ${issuer.tokenOf('USER')}\r\n\r\n`
  return { child, port, upstream, request }
}

async function isRefused (port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  const refused = await Promise.race([
    once(socket, 'connect').then(() => false, () => true),
    once(socket, 'error').then(() => true)
  ])
  socket.destroy()
  return refused
}

t.test('SIGTERM: a request on an idle connection is answered after the gateway has stopped listening', async t => {
  const { child, port, request } = await start(t)
  const { socket, read } = openSocket(port)
  socket.write(request)
  await once(socket, 'data')
  child.process.kill('SIGTERM')
  await eventually(async () => await isRefused(port))
  socket.write(request)
  const { text } = await read()
  t.equal(text.match(/HTTP\/1\.1 200 OK/g)?.length, 2)
  t.match(text, /connection: close/i)
  t.same(await child.exited, { code: 0, signal: null })
})

t.test('SIGTERM: a request in flight is answered although no new connection is accepted', async t => {
  const { child, port, request, upstream } = await start(t)
  let finish = () => {}
  upstream.answer = (_request, response) => { finish = () => { response.end('{}') } }
  const { socket, read } = openSocket(port)
  socket.write(request)
  await eventually(async () => upstream.arrivals.length === 1)
  child.process.kill('SIGTERM')
  await eventually(async () => await isRefused(port))
  finish()
  t.match(await read(), { status: 200 })
  t.same(await child.exited, { code: 0, signal: null })
})

t.test('SIGTERM: the gateway exits even if clients keep idle and unused connections open', async t => {
  const { child, port, request } = await start(t)
  const idle = openSocket(port)
  idle.socket.write(request)
  await once(idle.socket, 'data')
  const unused = openSocket(port)
  await once(unused.socket, 'connect')
  const startedAt = performance.now()
  child.process.kill('SIGTERM')
  t.same(await child.exited, { code: 0, signal: null })
  t.ok(performance.now() - startedAt < 10_000)
})
