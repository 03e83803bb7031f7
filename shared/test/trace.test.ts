import t from 'tap'
import { traceIdOf, traceOf } from '../src/http/trace.ts'

const requestId = '01234567-89ab-4cde-8f01-23456789abcd'
const given = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

t.test('a valid traceparent goes on as it came', async t => {
  for (const traceparent of [given, given.replace('00-4', '01-4'), given.replace(/01$/, '00')]) t.equal(traceOf(traceparent, requestId), traceparent)
  t.equal(traceIdOf(given), '4bf92f3577b34da6a3ce929d0e0e4736')
})

t.test('anything else begins a trace that is named as the request is', async t => {
  const zeros = '0'.repeat(32)
  for (const bad of [undefined, '', 'x', [given, given], `${given}, ${given}`, given.toUpperCase(), ` ${given}`, `${given}-`, given.replace(/^00/, 'ff'), given.replace(/4bf.{29}/, zeros), given.replace('00f067aa0ba902b7', zeros.slice(16))]) {
    t.equal(traceOf(bad, requestId), '00-0123456789ab4cde8f0123456789abcd-8f0123456789abcd-00')
  }
})
