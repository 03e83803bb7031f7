import { getEventListeners } from 'node:events'
import { createClient, isLaurelError } from '@laurel/client'
import t from 'tap'
import { startServer, type Reply } from '../support/server.ts'

const busy: Reply = [503, { 'retry-after': '0' }, { code: 'TOO_BUSY', detail: 'Busy.' }]
const limited: Reply = [429, { 'retry-after': '0' }, { code: 'RATE_LIMITED', detail: 'Too many.' }]

t.test('503 is retried with the same Idempotency-Key', async t => {
  const { baseUrl, requests } = await startServer(t, busy, busy)
  await createClient({ baseUrl }).claim({ eventId: 'a b' })
  t.same(requests.map(({ url }) => url), Array(3).fill('/v1/events/a%20b/claims'))
  const keys = requests.map(({ headers }) => headers['idempotency-key'])
  t.match(keys[0], /^[0-9a-f]{32}$/)
  t.equal(new Set(keys).size, 1)
})

t.test('503 is retried for a read, up to the maximum number of retries', async t => {
  const { baseUrl, requests } = await startServer(t, busy, busy, busy)
  const error: unknown = await createClient({ baseUrl, retries: 1 }).getMyWallet().catch(reason => reason)
  t.ok(isLaurelError(error) && error.code === 'TOO_BUSY')
  t.equal(requests.length, 2)
})

t.test('503 is not retried for a change that may have been applied', async t => {
  const { baseUrl, requests } = await startServer(t, busy)
  await t.rejects(createClient({ baseUrl }).createClient({ name: 'x' }), { code: 'TOO_BUSY' })
  t.equal(requests.length, 1)
})

t.test('503 is retried for a POST that is safe to repeat', async t => {
  const { baseUrl, requests } = await startServer(t, busy)
  await createClient({ baseUrl }).acknowledgeDelivery({ claimId: 'c', status: 'DELIVERED' })
  t.equal(requests.length, 2)
})

t.test('429 is retried for every operation, because the request was not processed', async t => {
  const { baseUrl, requests } = await startServer(t, limited, [201])
  await createClient({ baseUrl, token: 'x' }).createClient({ name: 'x' })
  t.equal(requests.length, 2)
  t.equal(requests[0]?.headers.authorization, 'Bearer x')
})

t.test('the client does not wait if Retry-After is too long or missing', async t => {
  const cases: Array<Record<string, string>> = [{ 'retry-after': '900' }, {}]
  for (const headers of cases) {
    const { baseUrl, requests } = await startServer(t, [429, headers, { code: 'TOO_MANY_ATTEMPTS', detail: 'Wait.' }])
    const attempt = createClient({ baseUrl }).login({ email: 'x', password: 'x' })
    await t.rejects(attempt, { code: 'TOO_MANY_ATTEMPTS' })
    t.equal(requests.length, 1)
  }
})

t.test('a call with a signal that is not aborted waits, too, and leaves no listener behind', async t => {
  const { baseUrl, requests } = await startServer(t, busy)
  const { signal } = new AbortController()
  // `fetch` adds listeners of its own.
  const send: typeof fetch = async (url, { signal: _signal, ...options } = {}) => await fetch(url, options)
  await createClient({ baseUrl, fetch: send }).getMyWallet({}, { signal })
  t.equal(requests.length, 2)
  t.same(getEventListeners(signal, 'abort'), [])
})

t.test('a call can be aborted while it waits', async t => {
  const { baseUrl } = await startServer(t, [503, { 'retry-after': '20' }])
  const abort = new AbortController()
  const waiting = createClient({
    baseUrl,
    fetch: async (...request) => {
      const response = await fetch(...request)
      setImmediate(() => { abort.abort(new Error('The user left.')) })
      return response
    }
  }).getMyWallet({}, { signal: abort.signal })
  await t.rejects(waiting, { message: 'The user left.' })
})

t.test('a response that is not a problem document becomes an ordinary error', async t => {
  const { baseUrl } = await startServer(t, [502, { 'content-type': 'text/html' }])
  const error: unknown = await createClient({ baseUrl }).getMe().catch(reason => reason)
  t.match(error, { message: 'The server responded with 502 without a problem document.' })
  t.notOk(isLaurelError(error))
})

t.test('the query of a list contains the given parameters', async t => {
  const { baseUrl, requests } = await startServer(t)
  await createClient({ baseUrl }).listClaims({ status: 'PENDING', limit: 5, cursor: undefined as unknown as string })
  t.equal(requests[0]?.url, '/v1/claims?status=PENDING&limit=5')
})
