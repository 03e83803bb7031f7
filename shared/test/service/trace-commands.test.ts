import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { MongoClient } from 'mongodb'
import t from 'tap'
import { ownDatabase } from '../../../test/kit/mongo/database.ts'
import { traceCommands } from '../../src/mongo/trace-commands.ts'

t.test('the commands of a sampled request have spans, without their content', async t => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  t.teardown(() => { context.disable() })
  const exporter = new InMemorySpanExporter()
  const tracer = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }).getTracer('test')
  const { uri, name } = ownDatabase(t)
  const client = new MongoClient(uri, { monitorCommands: true })
  t.teardown(async () => { await client.close() })
  traceCommands(client, tracer)
  const things = client.db().collection('things')

  await things.insertMany([{ text: 'canary' }, { text: 'canary' }, { text: 'canary' }])
  const notSampled = trace.wrapSpanContext({ traceId: '1'.repeat(32), spanId: '1'.repeat(16), traceFlags: 0 })
  await context.with(trace.setSpan(context.active(), notSampled), async () => { await things.findOne() })
  t.same(exporter.getFinishedSpans(), [], 'these commands belong to no sampled request')

  const request = tracer.startSpan('request')
  await context.with(trace.setSpan(context.active(), request), async () => {
    await things.find({ text: 'canary' }, { batchSize: 2 }).toArray()
    await client.db().command({ ping: 1 })
    await t.rejects(client.db().command({ canary: 'no command' }))
    await t.rejects(things.findOneAndUpdate({}, { $canary: {} }))
  })
  const spans = exporter.getFinishedSpans()
  const [find, , ping, unknown] = spans
  t.same(spans.map(span => span.name), [
    'find things', 'getMore things', 'ping', 'canary no command', 'findAndModify things'
  ])
  t.ok(spans.every(({ parentSpanContext }) => parentSpanContext?.spanId === request.spanContext().spanId))
  t.match(find, {
    kind: SpanKind.CLIENT,
    attributes: {
      'db.system.name': 'mongodb',
      'db.namespace': name,
      'db.operation.name': 'find',
      'db.collection.name': 'things',
      'server.port': Number
    }
  })
  t.notOk('db.collection.name' in (ping?.attributes ?? {}))
  t.match(unknown, { attributes: { 'error.type': '59' }, status: { code: SpanStatusCode.ERROR, message: undefined } })
})
