import { startPolling, fetchJson } from '@laurel/shared/polling'
import t, { type Test } from 'tap'
import { eventually } from '../../../test/kit/run/eventually.ts'
import { freePort } from '../../../test/kit/servers/ports.ts'
import { startStandIn } from '../../../test/kit/stand-ins/services.ts'
import { quietService } from '../support/service.ts'

const { log } = quietService()
const options = {
  name: 'greetings', source: 'TEST_URL: http://127.0.0.1:1', log, startupTimeout: 5000, interval: 60_000
}

/** A load that the test finishes explicitly. */
function controlledLoad () {
  const pending: Array<{ succeed: () => void, fail: (error: Error) => void }> = []
  const load = async (): Promise<void> => {
    await new Promise<void>((resolve, reject) => { pending.push({ succeed: resolve, fail: reject }) })
  }
  return { load, pending }
}

async function start (t: Test, changed: Partial<Parameters<typeof startPolling>[1]> = {}) {
  const { load, pending } = controlledLoad()
  const starting = startPolling(load, { ...options, ...changed })
  pending[0]?.succeed()
  const polling = await starting
  t.teardown(polling.close)
  return { polling, pending }
}

t.test('startPolling retries until the first load succeeds', async t => {
  let attempts = 0
  const polling = await startPolling(async () => {
    attempts += 1
    if (attempts < 3) throw new Error('not yet')
  }, options)
  polling.close()
  t.equal(attempts, 3)
})

t.test('startPolling throws a StartupError of one line if the first load does not succeed in time', async t => {
  const failing = async (): Promise<never> => { throw new Error('it responded with 500') }
  await t.rejects(startPolling(failing, { ...options, startupTimeout: 100 }), {
    name: 'StartupError', message: 'TEST_URL: http://127.0.0.1:1 sent no greetings (it responded with 500)'
  })
})

t.test('concurrent callers of refresh share one load', async t => {
  const { polling, pending } = await start(t)
  const results = [polling.refresh(), polling.refresh(), polling.refresh()]
  t.equal(pending.length, 2, 'the first load and one more')
  pending[1]?.succeed()
  t.same(await Promise.all(results), [true, true, true])
})

t.test('refresh returns false if the load fails, and a later one may succeed', async t => {
  const { polling, pending } = await start(t)
  const failing = polling.refresh()
  pending[1]?.fail(new Error('gone'))
  t.equal(await failing, false)
  const succeeding = polling.refresh()
  pending[2]?.succeed()
  t.equal(await succeeding, true)
})

t.test('refresh returns the last result within minInterval', async t => {
  const { polling, pending } = await start(t, { minInterval: 60_000 })
  t.equal(await polling.refresh(), true)
  t.equal(pending.length, 1)
})

t.test('the load runs at every interval, never twice concurrently, until close', async t => {
  const { polling, pending } = await start(t, { interval: 5 })
  await eventually(async () => pending.length === 2)
  const inProgress = await new Promise<number>(resolve => setTimeout(() => { resolve(pending.length) }, 50))
  t.equal(inProgress, 2, 'the second load is still in progress')
  pending[1]?.succeed()
  await eventually(async () => pending.length === 3)
  polling.close()
})

t.test('fetchJson returns the JSON, and throws for an error status and for a redirect', async t => {
  const server = await startStandIn(t)
  const url = new URL('/greeting', server.url)
  server.answer = (_request, response) => { response.end('{"hello":"you"}') }
  t.same(await fetchJson(url, 1000), { hello: 'you' })
  server.answer = (_request, response) => { response.writeHead(503).end('{}') }
  await t.rejects(fetchJson(url, 1000), { message: 'it responded with 503' })
  server.answer = (_request, response) => { response.writeHead(302, { location: '/other' }).end('{}') }
  await t.rejects(fetchJson(url, 1000), { message: 'unexpected redirect' })
})

t.test('fetchJson throws the reason why a server cannot be reached', async t => {
  const port = await freePort()
  for (const [url, message] of [
    [`http://127.0.0.1:${port}/`, `connect ECONNREFUSED 127.0.0.1:${port}`],
    [`http://localhost:${port}/`, /^connect ECONNREFUSED /],
    // WHATWG Fetch, "port blocking".
    ['http://127.0.0.1:10080/', 'bad port'],
    ['http://host.invalid/', /^getaddrinfo /]
  ] as const) {
    await t.rejects(fetchJson(new URL(url), 1000), { message })
  }
  const silent = await startStandIn(t)
  silent.answer = () => undefined
  await t.rejects(fetchJson(new URL(silent.url), 50), { name: 'TimeoutError' })
})

t.test('fetchJson throws the first reason if a name has several addresses', async t => {
  const reasons = [new Error('connect ECONNREFUSED ::1:3001'), new Error('connect ECONNREFUSED 127.0.0.1:3001')]
  t.intercept(globalThis, 'fetch', {
    value: async () => { throw new TypeError('fetch failed', { cause: new AggregateError(reasons) }) }
  })
  await t.rejects(fetchJson(new URL('http://localhost:3001'), 1000), { message: 'connect ECONNREFUSED ::1:3001' })
})
