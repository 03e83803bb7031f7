import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { startChild, startScript, type Child } from '../../../test/kit/servers/child.ts'
import { freePort } from '../../../test/kit/servers/ports.ts'
import { rawRequest, sendRaw } from '../../../test/kit/http/socket.ts'
import { StartupError } from '../../src/errors.ts'
import { describeStartupError } from '../../src/http/server/run-server.ts'

interface Probe { readonly child: Child, readonly port: number, readonly url: string }

/** Runs the probe on the built package or, if the coverage of the test counts, on the sources. */
async function startProbe (t: Test, env: Record<string, string> = {}, start = startScript): Promise<Probe> {
  const port = await freePort()
  const child = start(t, new URL('../support/probe.mjs', import.meta.url), { PROBE_PORT: String(port), ...env })
  return { child, port, url: `http://127.0.0.1:${port}` }
}

/** Starts slow requests. Resolves once the probe handles all of them. */
async function startSlowRequests (child: Child, port: number, count: number) {
  const responses = Promise.all(
    Array.from({ length: count }, async () => await sendRaw(port, rawRequest('GET /slow')))
  )
  while (child.log().filter(({ msg }) => msg === 'started').length < count) await sleep(10)
  return { responses }
}

t.test('a server in its own process', { jobs: 3 }, t => {
  void t.test('if its launcher has exited, it answers the requests in flight and exits with 0', async t => {
    const { child, port, url } = await startProbe(t)
    await child.answers(`${url}/health/live`)
    const { responses } = await startSlowRequests(child, port, 2)
    child.process.disconnect()
    for (const response of await responses) t.match(response, { status: 200, body: '{"slow":true}' })
    t.same(await child.exited, { code: 0, signal: null })
  })

  for (const [name, end] of [
    ['its launcher is gone', (child: Child) => { child.process.disconnect() }],
    ['it receives SIGTERM', (child: Child) => { child.process.kill('SIGTERM') }]
  ] as const) {
    void t.test(`if ${name} before the server is built, it exits with 0 immediately`, async t => {
      const { child } = await startProbe(t, { PROBE_BUILDS: 'when told' })
      while (!child.stdout().includes('building')) await sleep(10)
      end(child)
      t.same(await child.exited, { code: 0, signal: null })
    })
  }

  void t.test('while the server is being built it is live but not ready, then it takes over', async t => {
    const { child, port, url } = await startProbe(t, { PROBE_BUILDS: 'when told' })
    await child.answers(`${url}/health/live`)
    t.match(await sendRaw(port, rawRequest('HEAD /health/live')), { status: 200 })
    for (const request of ['GET /health/ready', 'POST /echo', 'GET /nothing', 'POST /health/live']) {
      const response = await sendRaw(port, rawRequest(request))
      t.match(response, { status: 503, head: /retry-after: 1\r\n/, body: '"code":"NOT_READY"' }, request)
      t.match(response.head, /x-content-type-options: nosniff/)
      t.match(response.head, /cache-control: no-store/)
    }
    child.process.send('build')
    await child.answers(`${url}/health/ready`)
    t.match(await sendRaw(port, rawRequest('POST /echo', ['content-type: application/json'])), { status: 200 })
    child.process.kill('SIGTERM')
    t.same(await child.exited, { code: 0, signal: null })
  })

  void t.test('if its dependency does not become available, it prints one line and exits with 1', async t => {
    const { child } = await startProbe(t, { PROBE_FAILS: 'yes' }, startChild)
    t.same(await child.exited, { code: 1, signal: null })
    t.equal(child.stderr(), 'laurel probe: MONGODB_URI: cannot reach MongoDB\n')
  })

  for (const closes of ['never', 'failing']) {
    void t.test(`SIGTERM: it exits with 0 even if closing ${closes === 'never' ? 'never ends' : 'fails'}`, async t => {
      const { child, url } = await startProbe(t, { PROBE_CLOSES: closes, PROBE_CLOSE_MS: '500' }, startChild)
      await child.answers(`${url}/health/live`)
      child.process.kill('SIGTERM')
      t.same(await child.exited, { code: 0, signal: null })
      t.ok(child.log().some(({ msg }) => /^the shutdown (took too long|failed)$/.test(String(msg))))
    })
  }

  void t.test('an uncaught error is printed with its stack trace, and the server exits with 1', async t => {
    const { child, port, url } = await startProbe(t, {}, startChild)
    await child.answers(`${url}/health/live`)
    await sendRaw(port, rawRequest('GET /crash'))
    t.same(await child.exited, { code: 1, signal: null })
    t.match(child.stderr(), /^laurel probe: Error: nobody catches this\n +at /)
  })

  void t.test('SIGTERM: it is not ready, but still answers, and closes keep-alive connections', async t => {
    const { child, port, url } = await startProbe(t, { PROBE_NOTICE_MS: '3000' })
    await child.answers(`${url}/health/live`)
    const { responses } = await startSlowRequests(child, port, 1)
    child.process.kill('SIGTERM')
    let ready = await sendRaw(port, rawRequest('GET /health/ready'))
    while (ready.status === 200) ready = await sendRaw(port, rawRequest('GET /health/ready'))
    t.match(ready, { status: 503, head: /retry-after: 1\r\n/, body: '"code":"ENDING"' })
    const keepAliveRequest = rawRequest('GET /health/ready').replace('connection: close\r\n', '')
    t.match(await sendRaw(port, keepAliveRequest), { status: 503, head: /connection: close/ })
    t.match(await sendRaw(port, rawRequest('GET /health/live')), { status: 200 })
    for (const response of await responses) t.match(response, { status: 200 })
    t.same(await child.exited, { code: 0, signal: null })
  })

  void t.test('exit code 1 and one line on stderr that names the port if it is in use', async t => {
    const port = await freePort()
    const taken = createServer()
    await new Promise<void>(resolve => { taken.listen(port, '127.0.0.1', resolve) })
    t.teardown(() => { taken.close() })
    const { child } = await startProbe(t, { PROBE_PORT: String(port) })
    t.same(await child.exited, { code: 1, signal: null })
    const reason = 'another program uses this port'
    t.equal(child.stderr(), `laurel probe: address already in use 127.0.0.1:${port}: ${reason}\n`)
  })

  void t.test('a startup error is one line if an operator can fix it; a bug shows its stack', async t => {
    const systemError = (code: string, message: string) =>
      describeStartupError(Object.assign(new Error(message), { code }))
    t.equal(describeStartupError(new StartupError('PORT: must be a port')), 'PORT: must be a port')
    t.equal(
      systemError('EADDRNOTAVAIL', 'listen EADDRNOTAVAIL: address not available 203.0.113.7:3000'),
      'address not available 203.0.113.7:3000: HOST is not an address of this machine'
    )
    t.equal(
      systemError('EACCES', 'listen EACCES: permission denied 0.0.0.0:80'),
      'permission denied 0.0.0.0:80: this user is not allowed to listen on this port'
    )
    t.equal(systemError('ENOSUCH', 'a library said no'), 'a library said no')
    t.match(describeStartupError(new TypeError('this is a bug')), /^TypeError: this is a bug\n +at .*run-server\.test/)
  })

  void t.test('each request is logged in one line with its id, and no line contains a secret', async t => {
    const { child, port, url } = await startProbe(t)
    await child.answers(`${url}/health/live`)
    const id = '01234567-89ab-4cde-8f01-23456789abcd'
    const headers = [
      'content-type: application/json', 'authorization: Bearer canary-token', 'cookie: canary-cookie',
      `x-request-id: ${id}`
    ]
    const post = async (body: string) => {
      const request = rawRequest('POST /echo?q=canary-query', [...headers, `content-length: ${body.length}`], body)
      return await sendRaw(port, request)
    }
    await post('{"password":"canary-password","nested":{"refreshToken":"canary-refresh"}}')
    await post('{"canary-broken')
    await post('{"a":"canary\\u0000"}')
    await sendRaw(port, rawRequest('GET /v1/things/canary-id', headers))
    await sendRaw(port, rawRequest('GET /nowhere?canary-query', headers))
    await sendRaw(port, rawRequest('GET /canary%zz', headers))
    const bug = await sendRaw(port, rawRequest('GET /bug?q=canary-query', headers))
    await sendRaw(port, rawRequest('GET /away'))
    await sendRaw(port, 'canary-garbage\r\n\r\n')
    const { responses } = await startSlowRequests(child, port, 5)
    child.process.kill('SIGTERM')
    for (const response of await responses) t.match(response, { status: 200, body: '{"slow":true}' })
    t.same(await child.exited, { code: 0, signal: null })
    t.equal(child.stderr(), '')

    t.notMatch(child.stdout() + child.stderr(), 'canary')
    const lines = child.log()
    const otherLines = child.stdout().trim().split('\n').filter(line => !line.startsWith('{'))
    t.same(otherLines, ['building'], 'all other lines are JSON')
    for (const line of lines) t.equal(line['name'], 'probe')

    const requests = lines.filter(({ msg, route }) => msg === 'request' && route !== '/health/live')
    t.same(requests.map(({ method, route, status }) => `${String(method)} ${String(route)} ${String(status)}`), [
      'POST /echo 200', 'POST /echo 400', 'POST /echo 400', 'GET /v1/things/:thingId 200', 'GET none 404',
      'GET /bug 500', 'GET /away 503', ...Array.from({ length: 5 }, () => 'GET /slow 200')
    ])
    t.match(requests[0], { requestId: id, ms: Number, userId: 'u-1', traceId: id.replaceAll('-', '') })
    t.notOk('upstreamMs' in (requests[0] ?? {}), 'no service was called')
    t.match(requests[4], { path: '/nowhere', code: 'NOT_FOUND', client: '127.0.0.1' }, 'without the query')
    t.equal(requests.at(-1)?.['userId'], undefined)

    t.notMatch(bug.body, 'cause')
    const err = { type: 'Error', message: 'the hidden cause', stack: /probe\.mjs/ }
    t.match(lines.find(({ msg }) => msg === 'the request failed unexpectedly'), { level: 50, requestId: id, err })
    t.match(lines.find(({ msg }) => msg === 'SERVICE_UNAVAILABLE'), { level: 40 })
  })
  t.end()
})
