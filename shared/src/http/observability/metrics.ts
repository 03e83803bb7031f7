import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { laurelVersion } from '../../version.ts'
import type { Server } from '../server-type.ts'

let processRegistry: Registry | undefined

/** Returns the metrics of the process (memory, CPU, event loop, garbage collection), shared by all of its servers. */
function processMetrics (): Registry {
  if (processRegistry === undefined) {
    processRegistry = new Registry()
    collectDefaultMetrics({ register: processRegistry })
  }
  return processRegistry
}

/**
 * Adds `app.metrics` with what every server measures: its version, the requests in flight, and all responses. The
 * `route` label is the pattern of the contract, so that no input from a client becomes a label.
 */
export function addMetrics (app: Server, server: string): void {
  app.decorate('metrics', new Registry())
  new Gauge({
    name: 'laurel_build_info',
    help: 'Always 1; the labels contain the server, its version and the Node.js version',
    labelNames: ['server', 'version', 'node'] as const,
    registers: [app.metrics]
  }).set({ server, version: laurelVersion, node: process.versions.node }, 1)
  const inFlight = new Gauge({
    name: 'laurel_requests_in_flight',
    help: 'Requests in flight',
    registers: [app.metrics]
  })
  app.addHook('onRequest', (_request, _reply, done) => {
    inFlight.inc()
    done()
  })
  const duration = new Histogram({
    name: 'laurel_request_seconds',
    help: 'Time from the arrival of a request to the end of its response',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [app.metrics]
  })
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'none'
    inFlight.dec()
    duration.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1000)
    done()
  })
}

/** Adds `GET /metrics` to `app`: the metrics of `source` and of the process, in Prometheus' text format. */
export function addMetricsRoute (app: Server, source: Server = app): void {
  app.get('/metrics', { config: { operationId: 'metrics', access: 'public' } }, async (_request, reply) => {
    const all = Registry.merge([source.metrics, processMetrics()])
    return await reply.header('content-type', all.contentType).send(await all.metrics())
  })
  processMetrics()
}
