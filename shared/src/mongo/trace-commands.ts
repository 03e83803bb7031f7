import {
  context, isSpanContextValid, SpanKind, SpanStatusCode, trace, TraceFlags, type Span, type Tracer
} from '@opentelemetry/api'
import type { CommandStartedEvent, MongoClient } from 'mongodb'

/** A client that was created with `monitorCommands`. */
export type MonitoredClient = Pick<MongoClient, 'on'>

/**
 * Adds a span for each command of a traced request or batch. The span contains the names of the operation and the
 * collection, but no data. Commands of background work have no spans.
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
    // The error message may quote a document.
    spans.get(requestId)?.setAttribute('error.type', String(code)).setStatus({ code: SpanStatusCode.ERROR }).end()
    spans.delete(requestId)
  })
}

/** Whether the command belongs to a sampled request or batch. */
function isTraced (): boolean {
  const parent = trace.getSpanContext(context.active())
  return parent !== undefined && isSpanContextValid(parent) && (parent.traceFlags & TraceFlags.SAMPLED) !== 0
}

/** Starts a span according to the semantic conventions for database clients. */
function startSpan (tracer: Tracer, { address, databaseName, commandName, command }: CommandStartedEvent): Span {
  // In `getMore`, the collection is a property. In all other commands, it is the value of the command.
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
