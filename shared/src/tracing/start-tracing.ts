import type { Tracing, TracingConfig } from './tracing.ts'

/**
 * Starts tracing, or returns `undefined` if it is not configured. Only this function loads the OpenTelemetry SDK, so a
 * server without tracing does not load it.
 * @param name the name of the server, unless `OTEL_SERVICE_NAME` is set.
 */
export async function startTracing (name: string, config: TracingConfig): Promise<Tracing | undefined> {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } = config
  if (endpoint === undefined) return undefined
  const { startSdk } = await import('./sdk.ts')
  return startSdk(name, endpoint, config)
}
