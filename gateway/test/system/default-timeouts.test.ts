import t from 'tap'
import { startGateway } from '../support/gateway.ts'

const tenSeconds = 10_000

/** Milliseconds until `isDone` returns true, asked ten times a second. */
async function timeUntil (isDone: () => Promise<boolean>): Promise<number> {
  const startedAt = performance.now()
  while (!await isDone()) await new Promise(resolve => setTimeout(resolve, 100))
  return performance.now() - startedAt
}

t.test('the default timeouts, measured at the same time', { jobs: 2 }, t => {
  void t.test('504: a service has ten seconds to answer', async t => {
    const { call, upstream, issuer } = await startGateway(t)
    upstream.answer = request => { request.resume() }
    const startedAt = performance.now()
    const { status } = await call('GET', '/v1/events', { token: issuer.tokenOf('USER') })
    const elapsed = performance.now() - startedAt
    t.equal(status, 504)
    t.ok(elapsed >= tenSeconds - 100 && elapsed < tenSeconds + 1500, `${Math.round(elapsed)} ms`)
  })

  void t.test('503: privileged roles are rejected once the feed of ended sessions is ten seconds old', async t => {
    const { call, upstream, issuer } = await startGateway(t)
    upstream.revoked = null
    const token = issuer.tokenOf('ADMIN')
    const elapsed = await timeUntil(async () => (await call('GET', '/v1/events', { token })).status === 503)
    t.ok(elapsed > tenSeconds - 2000 && elapsed < tenSeconds + 1500, `${Math.round(elapsed)} ms`)
  })
  t.end()
})
