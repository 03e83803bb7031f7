import t from 'tap'
import { rawRequest, sendRaw } from '../../../../test/kit/http/socket.ts'
import { startGateway } from '../../support/gateway.ts'

const answerTimeout = 6000
const { port, upstream, issuer } = await startGateway(t, { answerTimeout })
const credentials = [`authorization: Bearer ${issuer.tokenOf('ADMIN')}`]

/** Sends concurrent requests, alternating between reads and writes. */
async function sendTogether (count: number) {
  return await Promise.all(Array.from({ length: count }, async (_, index) => {
    const method = index % 2 === 0 ? 'GET' : 'POST'
    const answer = await sendRaw(port, rawRequest(`${method} /v1/events`, credentials))
    return { ...answer, answeredAt: performance.now() }
  }))
}

t.test('400 concurrent requests to a service that hangs: all are answered in time, 503 if not sent', async t => {
  upstream.answer = request => { request.resume() }
  const startedAt = performance.now()
  const answers = await sendTogether(400)
  const slowest = Math.max(...answers.map(({ answeredAt }) => answeredAt - startedAt))
  t.ok(slowest < 2 * answerTimeout, `the last answer took ${Math.round(slowest)} ms`)

  const sent = answers.filter(({ status }) => status === 504)
  const refused = answers.filter(({ status }) => status === 503)
  t.equal(sent.length + refused.length, 400)
  t.equal(sent.length, upstream.arrivals.length, 'each 504 was sent once')
  t.ok(refused.length > 0)
  for (const { head, body } of refused) {
    t.match(head, 'retry-after: 1')
    t.match(body, '"detail":"The service is busy; retry after 1 second.","code":"SERVICE_UNAVAILABLE"')
  }
})

t.test('200 as soon as the service responds again; excess requests wait for a connection', async t => {
  upstream.arrivals.length = 0
  upstream.answer = (request, response) => {
    request.resume().on('end', () => setTimeout(() => response.end('{}'), 20))
  }
  const answers = await sendTogether(300)
  t.same([...new Set(answers.map(({ status }) => status))], [200])
  t.equal(upstream.arrivals.length, 300)
})
