import { ROOT_CONTEXT, SpanKind, TraceFlags, type SpanContext } from '@opentelemetry/api'
import { InMemorySpanExporter, SamplingDecision, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import t from 'tap'
import { createBatchTracer } from '../../src/tracing/batches.ts'
import { logFailures } from '../../src/tracing/log-failures.ts'
import { pathForSpan } from '../../src/tracing/path.ts'
import { createSampler } from '../../src/tracing/sampler.ts'

const requestId = '01234567-89ab-4cde-8f01-23456789abcd'

t.test('the path of a span contains only words and ids, and no other input of a client', async t => {
  for (const path of ['/', '/v1/users/me', `/v1/events/${requestId}/claims`, '/.well-known/jwks.json']) {
    t.equal(pathForSpan(path), path)
  }
  t.equal(pathForSpan('/v1/users/kim@example.com'), '/v1/users/*')
  t.equal(pathForSpan('/v1/users/kim%40example.com/x'), '/v1/users/*/x')
  t.equal(pathForSpan(`/v1/${'a'.repeat(41)}`), '/v1/*')
  t.equal(pathForSpan('/x'.repeat(300)).length, 200)
})

t.test('sampling depends only on the trace id; a batch is sampled if one of its requests is', async t => {
  const sampler = createSampler(0.5)
  const decide = (traceId: string, flags: readonly TraceFlags[] = []): SamplingDecision => {
    const links = flags.map(traceFlags => ({ context: { traceId, spanId: '1'.repeat(16), traceFlags } }))
    return sampler.shouldSample(ROOT_CONTEXT, traceId, 'x', SpanKind.SERVER, {}, links).decision
  }
  const [low, high] = ['1'.padStart(32, '0'), 'f'.repeat(8).padEnd(32, '0')]
  t.equal(decide(low), SamplingDecision.RECORD_AND_SAMPLED)
  t.equal(decide(high), SamplingDecision.NOT_RECORD)
  t.equal(decide(high, [TraceFlags.NONE, TraceFlags.SAMPLED]), SamplingDecision.RECORD_AND_SAMPLED)
  t.equal(decide(high, [TraceFlags.NONE]), SamplingDecision.NOT_RECORD)
  t.match(sampler.toString(), '0.5')
})

t.test('a batch and its requests are linked; a batch without sampled requests has no span', async t => {
  const exporter = new InMemorySpanExporter()
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] })
  const tracer = provider.getTracer('test')
  const { run, currentSpan } = createBatchTracer('things', tracer)
  t.equal(currentSpan(), undefined)
  t.equal(await run([undefined, undefined], async () => 'done'), 'done')
  t.same(exporter.getFinishedSpans(), [])

  const [first, second, answered] = ['first', 'second', 'answered'].map(name => tracer.startSpan(name))
  answered?.end()
  await t.rejects(run([first, undefined, second, first, answered], async () => { throw new Error('canary') }))
  first?.end()
  second?.end()
  const contextOf = (name: string): SpanContext | undefined =>
    exporter.getFinishedSpans().find(span => span.name === name)?.spanContext()
  const linksOf = (name: string) =>
    exporter.getFinishedSpans().find(span => span.name === name)?.links.map(({ context }) => context)
  t.same(linksOf('batch things'), [contextOf('first'), contextOf('second')])
  t.same(linksOf('first'), [contextOf('batch things')])
  t.same(linksOf('second'), [contextOf('batch things')])
  t.same(linksOf('answered'), [])
})

t.test('one line is logged when spans cannot be exported, and one when they are exported again', async t => {
  const lines: string[] = []
  const results = [new Error('no'), new Error('no'), undefined, undefined, new Error('no')]
  const exporter = logFailures({
    export: (_spans, onResult) => {
      const error = results.shift()
      onResult(error === undefined ? { code: 0 } : { code: 1, error })
    },
    shutdown: async () => { lines.push('shut down') }
  }, { warn: (_fields, line) => { lines.push(line) }, info: line => { lines.push(line) } })
  const codes: number[] = []
  while (results.length > 0) exporter.export([], ({ code }) => { codes.push(code) })
  await exporter.shutdown()
  t.same(codes, [1, 1, 0, 0, 1], 'the caller receives each result')
  const failing = 'traces cannot be exported; spans are dropped'
  t.same(lines, [failing, 'traces are exported again', failing, 'shut down'])
})
