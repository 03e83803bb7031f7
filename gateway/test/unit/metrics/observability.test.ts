import t from 'tap'
import { startGateway } from '../../support/gateway.ts'

const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

t.test('a valid traceparent is forwarded to the service; an invalid one is replaced', async t => {
  const { call, issuer, upstream } = await startGateway(t)
  const token = issuer.tokenOf('ADMIN')
  await call('GET', '/v1/events', { token, headers: { traceparent } })
  const { headers } = await call('GET', '/v1/events', { token, headers: { traceparent: 'canary' } })
  const id = String(headers.get('x-request-id')).replaceAll('-', '')
  const received = upstream.arrivals.map(({ headers }) => headers['traceparent'])
  t.same(received, [traceparent, `00-${id}-${id.slice(16)}-00`])
})
