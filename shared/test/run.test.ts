import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { startChild, type Child } from '../../test/kit/child.ts'
import { freePort } from '../../test/kit/ports.ts'
import { rawRequest, sendRaw } from '../../test/kit/socket.ts'
import { StartupError } from '../src/errors.ts'
import { explain } from '../src/http/run.ts'

async function startProbe (t: Test, env: Record<string, string> = {}): Promise<{ child: Child, port: number, url: string }> {
  const port = await freePort()
  const child = startChild(t, new URL('support/probe.ts', import.meta.url), { PROBE_PORT: String(port), ...env })
  return { child, port, url: `http://127.0.0.1:${port}` }
}

/** Requests that the process is working on. */
async function startSlow (child: Child, port: number, count: number) {
  const answered = Promise.all(Array.from({ length: count }, async () => await sendRaw(port, rawRequest('GET /slow'))))
  while (child.log().filter(({ msg }) => msg === 'begun').length < count) await sleep(10)
  return { answered }
}

t.test('a server as a process of its own', { jobs: 2 }, t => {
  void t.test('it ends with the launcher that started it: what is in flight is answered and it exits with 0', async t => {
    const { child, port, url } = await startProbe(t)
    await child.answers(`${url}/health/live`)
    const { answered } = await startSlow(child, port, 2)
    child.process.disconnect()
    for (const answer of await answered) t.match(answer, { status: 200, body: '{"slow":true}' })
    t.same(await child.exited, { code: 0, signal: null })
  })

  void t.test('a launcher that is gone before the server is built ends it too, at once', async t => {
    const { child } = await startProbe(t, { PROBE_HANGS: 'yes' })
    while (!child.stdout().includes('building')) await sleep(10)
    child.process.disconnect()
    t.same(await child.exited, { code: 0, signal: null })
  })

  void t.test('SIGTERM: it says first that it is not ready, still answers, and tells kept connections to close', async t => {
    const { child, port, url } = await startProbe(t)
    await child.answers(`${url}/health/live`)
    const { answered } = await startSlow(child, port, 1)
    child.process.kill('SIGTERM')
    const ready = async () => await sendRaw(port, rawRequest('GET /health/ready').replace('connection: close\r\n', ''))
    let answer = await sendRaw(port, rawRequest('GET /health/ready'))
    while (answer.status === 200) answer = await sendRaw(port, rawRequest('GET /health/ready'))
    t.match(answer, { status: 503, head: /retry-after: 1\r\n/, body: '"code":"ENDING"' })
    t.match(await ready(), { status: 503, head: /connection: close/ })
    t.match(await sendRaw(port, rawRequest('GET /health/live')), { status: 200 })
    for (const answer of await answered) t.match(answer, { status: 200 })
    t.same(await child.exited, { code: 0, signal: null })
  })

  void t.test('a taken port: one line on stderr that names it, exit 1', async t => {
    const port = await freePort()
    const taken = createServer()
    await new Promise<void>(resolve => { taken.listen(port, '127.0.0.1', resolve) })
    t.teardown(() => { taken.close() })
    const { child } = await startProbe(t, { PROBE_PORT: String(port) })
    t.same(await child.exited, { code: 1, signal: null })
    t.equal(child.stderr(), `laurel probe: address already in use 127.0.0.1:${port}: another program listens there\n`)
  })

  void t.test('what an operator can mend is said in its own words, a bug shows its stack, an error with a code does not', async t => {
    t.equal(explain(new StartupError('PORT: must be a port')), 'PORT: must be a port')
    t.equal(explain(Object.assign(new Error('listen EADDRNOTAVAIL: address not available 203.0.113.7:3000'), { code: 'EADDRNOTAVAIL' })), 'address not available 203.0.113.7:3000: HOST is no address of this machine')
    t.equal(explain(Object.assign(new Error('a library said no'), { code: 'ENOSUCH' })), 'a library said no')
    t.equal(explain(Object.assign(new Error('listen EACCES: permission denied 0.0.0.0:80'), { code: 'EACCES' })), 'permission denied 0.0.0.0:80: this user may not listen on that port')
    t.match(explain(new TypeError('this is a bug')), /^TypeError: this is a bug\n +at .*run\.test/)
  })

  void t.test('one line a request, with the server\'s name and the request\'s id, and no secret in any line; SIGTERM ends it after the last answer', async t => {
    const { child, port, url } = await startProbe(t)
    await child.answers(`${url}/health/live`)
    const id = '01234567-89ab-4cde-8f01-23456789abcd'
    const json = ['content-type: application/json', 'authorization: Bearer canary-token', 'cookie: canary-cookie', `x-request-id: ${id}`]
    const post = async (body: string) => await sendRaw(port, rawRequest('POST /echo?q=canary-query', [...json, `content-length: ${body.length}`], body))
    await post('{"password":"canary-password","nested":{"refreshToken":"canary-refresh"}}')
    await post('{"canary-broken')
    await post('{"a":"canary\\u0000"}')
    await sendRaw(port, rawRequest('GET /v1/things/canary-id', json))
    await sendRaw(port, rawRequest('GET /canary-nowhere', json))
    await sendRaw(port, rawRequest('GET /canary%zz', json))
    const bug = await sendRaw(port, rawRequest('GET /bug?q=canary-query', json))
    await sendRaw(port, rawRequest('GET /away'))
    await sendRaw(port, 'canary-garbage\r\n\r\n')
    const { answered } = await startSlow(child, port, 5)
    child.process.kill('SIGTERM')
    for (const answer of await answered) t.match(answer, { status: 200, body: '{"slow":true}' })
    t.same(await child.exited, { code: 0, signal: null })
    t.equal(child.stderr(), '')

    t.notMatch(child.stdout() + child.stderr(), 'canary')
    const lines = child.log()
    t.equal(child.stdout().trim().split('\n').length, lines.length, 'nothing but JSON lines')
    for (const line of lines) t.equal(line['name'], 'probe')

    const requests = lines.filter(({ msg, route }) => msg === 'request' && route !== '/health/live')
    t.same(requests.map(({ method, route, status }) => `${String(method)} ${String(route)} ${String(status)}`), [
      'POST /echo 200', 'POST /echo 400', 'POST /echo 400', 'GET /v1/things/:thingId 200', 'GET none 404', 'GET /bug 500', 'GET /away 503', ...Array.from({ length: 5 }, () => 'GET /slow 200')
    ])
    t.match(requests[0], { requestId: id, ms: Number, userId: 'u-1', traceId: id.replaceAll('-', '') })
    t.notOk('upstreamMs' in (requests[0] ?? {}), 'nothing behind was asked')
    t.equal(requests.at(-1)?.['userId'], undefined)

    t.notMatch(bug.body, 'cause')
    t.match(lines.find(({ msg }) => msg === 'not foreseen'), { level: 50, requestId: id, err: { type: 'Error', message: 'the hidden cause', stack: /probe\.ts/ } }, 'what is hidden outside stands in the log')
    t.match(lines.find(({ msg }) => msg === 'SERVICE_UNAVAILABLE'), { level: 40 }, 'what is away is a warning')
  })
  t.end()
})
