import type { MonitoredClient } from '../mongo/trace-commands.ts'

/** The settings of tracing. Without an endpoint tracing is off. */
export interface TracingConfig {
  readonly OTEL_EXPORTER_OTLP_ENDPOINT?: string
  readonly OTEL_SERVICE_NAME?: string
  readonly OTEL_TRACES_SAMPLER_ARG: number
  readonly LOG_LEVEL: string
}

/** The span of a request that waits for a batch. */
export type RequestSpan = object | undefined

/** Gives each batch of one kind a span of its own, linked with the spans of its requests. */
export interface BatchTracer {
  /** Returns the span of the request that is being handled. */
  readonly currentSpan: () => RequestSpan
  /** Runs a batch. What it sends to MongoDB belongs to the span of the batch. */
  readonly run: <T>(requests: readonly RequestSpan[], batch: () => Promise<T>) => Promise<T>
}

/**
 * What a server does for its traces beside the spans of requests, which come by themselves: every Fastify server that
 * is created after `startTracing` has them.
 */
export interface Tracing {
  /**
   * Adds a span for each command that a traced request or batch sends. From here on every promise remembers the request
   * that it belongs to, so that calls by `fetch` carry its `traceparent`, too.
   */
  readonly traceCommands: (client: MonitoredClient) => void
  /** @param kind is part of the span's name. */
  readonly traceBatches: (kind: string) => BatchTracer
  /** Sends what is left. Resolves when it is sent, or after 2 seconds. */
  readonly shutdown: () => Promise<void>
}

/**
 * Starts tracing if it is configured, and returns `undefined` otherwise. The OpenTelemetry SDK is loaded here and
 * nowhere else, so a server without tracing has none of its code.
 * @param name the name of the server, unless `OTEL_SERVICE_NAME` is set.
 */
export async function startTracing (name: string, config: TracingConfig): Promise<Tracing | undefined> {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } = config
  if (endpoint === undefined) return undefined
  const { startSdk } = await import('./sdk.ts')
  return startSdk(name, endpoint, config)
}
