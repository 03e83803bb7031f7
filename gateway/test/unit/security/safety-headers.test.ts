import t from 'tap'
import { rawRequest, sendRaw } from '../../../../test/kit/http/socket.ts'
import { startGateway } from '../../support/gateway.ts'

const { port } = await startGateway(t)

for (const [status, request] of [
  [200, rawRequest('GET /openapi.json')],
  [200, rawRequest('GET /docs')],
  [200, rawRequest('GET /health/live')],
  [401, rawRequest('GET /v1/events')],
  [404, rawRequest('GET /v1/nothing')],
  [404, rawRequest('GET /v1/%2e%2e/users')],
  [404, rawRequest(`GET /v1/events/${'x'.repeat(300)}`)],
  [400, rawRequest('GET /v1/events', ['host: another'])],
  [400, rawRequest('GET /v1/events', ['x y: z'])],
  [400, 'nonsense\r\n\r\n'],
  [405, rawRequest('PUT /v1/events')],
  [405, rawRequest('FROB /v1/events')],
  [414, rawRequest(`GET /v1/events?q=${'x'.repeat(9000)}`)],
  [417, rawRequest('GET /v1/events', ['expect: a-miracle'])],
  [431, rawRequest('GET /v1/events', [`x: ${'y'.repeat(9000)}`])]
] as const) {
  t.test(`${status}: browsers must not guess the content type: ${request.slice(0, 40).trim()}`, async t => {
    const answer = await sendRaw(port, request)
    t.equal(answer.status, status)
    t.match(answer.head, /\r\nx-content-type-options: nosniff/)
    t.match(answer.head, /\r\nreferrer-policy: no-referrer/)
    t.notMatch(answer.head, 'strict-transport-security', 'not over plain HTTP')
    if (status >= 400) t.match(answer.head, /\r\ncache-control: no-store/)
  })
}
