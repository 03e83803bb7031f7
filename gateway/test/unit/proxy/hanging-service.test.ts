import t from 'tap'
import { answersOfHanging, sendTogether, upstream } from '../../support/hanging.ts'

t.test('400 concurrent requests to a service that hangs: 504 if sent, 503 if there was no connection', async t => {
  const answers = await answersOfHanging
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
