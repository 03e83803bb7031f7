import type { MonitoredClient } from '../mongo/trace-commands.ts'

/** The settings of tracing. Without an endpoint, tracing is off. */
export interface TracingConfig {
  readonly OTEL_EXPORTER_OTLP_ENDPOINT?: string
  readonly OTEL_SERVICE_NAME?: string
  readonly OTEL_TRACES_SAMPLER_ARG: number
  readonly LOG_LEVEL: string
}

/** The span of a request that is waiting for a batch. */
export type RequestSpan = object | undefined

/** Creates a span for each batch of one kind, linked with the spans of its requests. */
export interface BatchTracer {
  /** Returns the span of the request that is being handled. */
  readonly currentSpan: () => RequestSpan
  /** Runs a batch. The spans of its MongoDB commands are children of the span of the batch. */
  readonly run: <T>(requests: readonly RequestSpan[], batch: () => Promise<T>) => Promise<T>
}

/**
 * The traces of a server other than its request spans. Request spans need no call: every Fastify server that is created
 * after `startTracing` has them.
 */
export interface Tracing {
  /**
   * Adds a span for each command that a traced request or batch sends to MongoDB. Also enables async context tracking,
   * so that `fetch` calls include the `traceparent` of their request.
   */
  readonly traceCommands: (client: MonitoredClient) => void
  /** @param kind is part of the name of the span. */
  readonly traceBatches: (kind: string) => BatchTracer
  /** Exports the remaining spans. Resolves when they have been sent, or after 2 seconds. */
  readonly shutdown: () => Promise<void>
}
