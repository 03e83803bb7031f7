import t from 'tap'
import { readTraceparent, traceIdOf } from '../../src/http/observability/trace-context.ts'

const requestId = '01234567-89ab-4cde-8f01-23456789abcd'
const valid = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

t.test('a valid traceparent is kept unchanged', async t => {
  for (const traceparent of [valid, valid.replace('00-4', '01-4'), valid.replace(/01$/, '00')]) {
    t.equal(readTraceparent(traceparent, requestId), traceparent)
  }
  t.equal(traceIdOf(valid), '4bf92f3577b34da6a3ce929d0e0e4736')
})

t.test('any other value starts a trace named after the request id', async t => {
  const zeros = '0'.repeat(32)
  for (const invalid of [
    undefined, '', 'x', [valid, valid], `${valid}, ${valid}`, valid.toUpperCase(), ` ${valid}`, `${valid}-`,
    valid.replace(/^00/, 'ff'), valid.replace(/4bf.{29}/, zeros), valid.replace('00f067aa0ba902b7', zeros.slice(16))
  ]) {
    t.equal(readTraceparent(invalid, requestId), '00-0123456789ab4cde8f0123456789abcd-8f0123456789abcd-00')
  }
})
