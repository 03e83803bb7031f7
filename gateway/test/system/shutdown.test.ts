import { once } from 'node:events'
import { connect } from 'node:net'
import t from 'tap'
import { openSocket } from '../../../test/kit/http/socket.ts'
import { eventually } from '../../../test/kit/run/eventually.ts'
import { checkNoSdkIsLoaded, startListingModules } from '../../../test/kit/servers/loaded-modules.ts'
import { freePort } from '../../../test/kit/servers/ports.ts'
import { startStandIn } from '../../../test/kit/stand-ins/services.ts'
import { createIssuer } from '../../../test/kit/tokens/issuer.ts'

async function isRefused (port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  const refused = await Promise.race([
    once(socket, 'connect').then(() => false, () => true),
    once(socket, 'error').then(() => true)
  ])
  socket.destroy()
  return refused
}

t.test('SIGTERM while clients have all kinds of connections', async t => {
  const issuer = createIssuer()
  const upstream = await startStandIn(t, [issuer.jwk])
  const port = await freePort()
  const child = startListingModules(t, 'gateway', {
    AUTH_URL: upstream.url,
    EVENT_URL: upstream.url,
    PORT: String(port),
    METRICS_PORT: '0',
    LOG_LEVEL: 'silent'
  })
  await child.answers(`http://127.0.0.1:${port}/health/ready`)
  const request = `GET /v1/events HTTP/1.1\r\nhost: laurel\r\nauthorization: Bearer ${issuer.tokenOf('USER')}\r\n\r\n`

  /** Returns an idle connection, on which one request was answered. */
  async function openIdle () {
    const idle = openSocket(port)
    idle.socket.write(request)
    await once(idle.socket, 'data')
    return idle
  }
  const reused = await openIdle()
  await openIdle()
  const unused = openSocket(port)
  await once(unused.socket, 'connect')
  const inFlight = openSocket(port)
  let finish = (): void => undefined
  const before = upstream.arrivals.length
  upstream.answer = (_request, response) => {
    if (upstream.arrivals.length === before + 1) finish = () => { response.end('{}') }
    else response.end('{}')
  }
  inFlight.socket.write(request)
  await eventually(async () => upstream.arrivals.length === before + 1)

  const startedAt = performance.now()
  child.process.kill('SIGTERM')
  await eventually(async () => await isRefused(port))
  reused.socket.write(request)

  await t.test('a request on an idle connection is answered after the gateway has stopped listening', async t => {
    const { text } = await reused.read()
    t.equal(text.match(/HTTP\/1\.1 200 OK/g)?.length, 2)
    t.match(text, /connection: close/i)
  })

  await t.test('a request in flight is answered although no new connection is accepted', async t => {
    finish()
    t.match(await inFlight.read(), { status: 200 })
  })

  await t.test('the gateway exits even if clients keep idle and unused connections open', async t => {
    t.same(await child.exited, { code: 0, signal: null })
    t.ok(performance.now() - startedAt < 10_000)
  })

  await t.test('without a collector no module of the OpenTelemetry SDK is loaded', async t => {
    checkNoSdkIsLoaded(t, child)
  })
})
