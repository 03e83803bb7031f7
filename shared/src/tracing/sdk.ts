import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { context, propagation, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { pino } from 'pino'
import { loggerOptions } from '../http/observability/logger-options.ts'
import { logOutput } from '../http/observability/log-output.ts'
import { traceCommands } from '../mongo/trace-commands.ts'
import { laurelVersion } from '../version.ts'
import { createBatchTracer, maxLinks } from './batches.ts'
import { logFailures } from './log-failures.ts'
import { traceInternalCalls, traceRequests } from './requests.ts'
import { createSampler } from './sampler.ts'
import type { Tracing, TracingConfig } from './tracing.ts'

/** How long an export may take, in milliseconds. A longer one is aborted, and its spans are dropped. */
const exportTimeout = 5000
/** How long a shutdown waits for the last export, in milliseconds. */
const shutdownTimeout = 2000

/**
 * Starts the OpenTelemetry SDK for this process. Spans are queued (at most 2,048) and exported in the background, as
 * OTLP/JSON over HTTP. If an export fails, or if the queue is full, spans are dropped.
 * @param endpoint the base URL of a collector; `v1/traces` is appended (OpenTelemetry Protocol Exporter).
 */
export function startSdk (name: string, endpoint: string, config: TracingConfig): Tracing {
  const exporter = new OTLPTraceExporter({
    url: `${endpoint.replace(/\/$/, '')}/v1/traces`, timeoutMillis: exportTimeout, concurrencyLimit: 2
  })
  const log = pino(loggerOptions(name, config.LOG_LEVEL), logOutput)
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      'service.namespace': 'laurel',
      'service.name': config.OTEL_SERVICE_NAME ?? name,
      'service.version': laurelVersion,
      'service.instance.id': `${hostname()}:${process.pid}`
    }),
    sampler: createSampler(config.OTEL_TRACES_SAMPLER_ARG),
    spanLimits: { linkCountLimit: maxLinks },
    spanProcessors: [new BatchSpanProcessor({
      exporter: logFailures(exporter, log),
      exportTimeoutMillis: exportTimeout,
      maxQueueSize: 2048,
      scheduledDelayMillis: 1000
    })]
  })
  trace.setGlobalTracerProvider(provider)
  propagation.setGlobalPropagator(new W3CTraceContextPropagator())

  const tracer = trace.getTracer('laurel', laurelVersion)
  traceRequests()
  traceInternalCalls()
  return {
    traceCommands (client) {
      // Only enabled where it is needed: on Node.js 20, it costs CPU time for every promise. The gateway works without
      // it.
      context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
      traceCommands(client, tracer)
    },
    traceBatches: kind => createBatchTracer(kind, tracer),
    async shutdown () {
      const sent = provider.shutdown().catch(() => undefined)
      await Promise.race([sent, sleep(shutdownTimeout, undefined, { ref: false })])
    }
  }
}
