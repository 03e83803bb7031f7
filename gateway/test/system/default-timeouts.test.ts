import t from 'tap'
import { eventually } from '../../../test/kit/run/eventually.ts'
import { startGateway } from '../support/gateway.ts'

const tenSeconds = 10_000

/** A busy machine adds several seconds, but less than another timeout would. */
function isTenSeconds (elapsed: number): boolean {
  return elapsed > tenSeconds - 2000 && elapsed < 2 * tenSeconds
}

t.test('the default timeouts, measured concurrently', { jobs: 2 }, t => {
  void t.test('504: a service has ten seconds to respond', async t => {
    const { call, upstream, issuer } = await startGateway(t)
    upstream.answer = request => { request.resume() }
    const startedAt = performance.now()
    const { status } = await call('GET', '/v1/events', { token: issuer.tokenOf('USER') })
    const elapsed = performance.now() - startedAt
    t.equal(status, 504)
    t.ok(isTenSeconds(elapsed), `${Math.round(elapsed)} ms`)
  })

  void t.test('503: privileged roles are rejected once the feed of ended sessions is ten seconds old', async t => {
    const { call, upstream, issuer } = await startGateway(t)
    const polls = upstream.feedQueries.length
    await eventually(async () => upstream.feedQueries.length > polls)
    upstream.revoked = null
    const startedAt = performance.now()
    const token = issuer.tokenOf('ADMIN')
    await eventually(async () => (await call('GET', '/v1/events', { token })).status === 503, 60_000, 100)
    const elapsed = performance.now() - startedAt
    t.ok(isTenSeconds(elapsed), `${Math.round(elapsed)} ms`)
  })
  t.end()
})
