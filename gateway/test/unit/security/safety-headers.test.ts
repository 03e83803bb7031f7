import t from 'tap'
import { startGateway } from '../../support/gateway.ts'

t.test('every answer tells a browser not to guess its type and not to send a referrer', async t => {
  const { call } = await startGateway(t)
  for (const path of ['/v1/events', '/docs', '/openapi.json', '/nothing']) {
    const { headers } = await call('GET', path)
    t.equal(headers.get('x-content-type-options'), 'nosniff', path)
    t.equal(headers.get('referrer-policy'), 'no-referrer')
    t.equal(headers.get('strict-transport-security'), null, 'not over plain HTTP')
  }
})
