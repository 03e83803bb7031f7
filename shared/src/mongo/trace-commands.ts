import {
  context, isSpanContextValid, SpanKind, SpanStatusCode, trace, TraceFlags, type Span, type Tracer
} from '@opentelemetry/api'
import type { CommandStartedEvent, MongoClient } from 'mongodb'

/** A client that was created with `monitorCommands`. */
export type MonitoredClient = Pick<MongoClient, 'on'>

/**
 * Adds a span for each command that a traced request or batch sends, with the names of its operation and collection and
 * never with what it contains. What runs in the background belongs to no trace.
 */
export function traceCommands (client: MonitoredClient, tracer: Tracer): void {
  const spans = new Map<number, Span>()

  client.on('commandStarted', started => {
    if (isTraced()) spans.set(started.requestId, startSpan(tracer, started))
  })
  client.on('commandSucceeded', ({ requestId }) => {
    spans.get(requestId)?.end()
    spans.delete(requestId)
  })
  client.on('commandFailed', ({ requestId, failure }) => {
    const { code = failure.name } = failure as Error & { code?: number | string }
    // The message may quote a document.
    spans.get(requestId)?.setAttribute('error.type', String(code)).setStatus({ code: SpanStatusCode.ERROR }).end()
    spans.delete(requestId)
  })
}

/** Whether the command is sent for a request or a batch that is sampled. */
function isTraced (): boolean {
  const parent = trace.getSpanContext(context.active())
  return parent !== undefined && isSpanContextValid(parent) && (parent.traceFlags & TraceFlags.SAMPLED) !== 0
}

/** Starts a span as the semantic conventions for database clients name it. */
function startSpan (tracer: Tracer, { address, databaseName, commandName, command }: CommandStartedEvent): Span {
  // `getMore` names its collection in a property, all others in the value of the command.
  const collection = command['collection'] ?? command[commandName]
  const isNamed = typeof collection === 'string'
  const { host, port } = splitAddress(address)
  return tracer.startSpan(isNamed ? `${commandName} ${collection}` : commandName, {
    kind: SpanKind.CLIENT,
    attributes: {
      'db.system.name': 'mongodb',
      'db.namespace': databaseName,
      'db.operation.name': commandName,
      'server.address': host,
      'server.port': port,
      ...(isNamed ? { 'db.collection.name': collection } : {})
    }
  })
}

/** Splits `host:port`, where the host may be an IPv6 address in brackets. */
function splitAddress (address: string): { host: string, port: number } {
  const end = address.lastIndexOf(':')
  return { host: address.slice(0, end), port: Number(address.slice(end + 1)) }
}
