import { collectDefaultMetrics, Histogram, Registry } from 'prom-client'
import type { Server } from './create-server.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** What this server counts: whoever has something to tell registers it here (`registers: [app.metrics]`). */
    metrics: Registry
  }
}

let processMetrics: Registry | undefined

/** Memory, CPU, event-loop delay and collected garbage: of the process, however many servers are in it. */
function ofProcess (): Registry {
  if (processMetrics === undefined) {
    processMetrics = new Registry()
    collectDefaultMetrics({ register: processMetrics })
  }
  return processMetrics
}

/** Gives a server its metrics, with one histogram of all its answers. The route is the contract's pattern: nothing that a client sends becomes a label. */
export function addMetrics (app: Server): void {
  app.decorate('metrics', new Registry())
  const seconds = new Histogram({
    name: 'laurel_request_seconds',
    help: 'From the arrival of a request to the end of its answer',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [app.metrics]
  })
  app.addHook('onResponse', (request, reply, done) => {
    seconds.observe({ method: request.method, route: request.routeOptions.url ?? 'none', status: reply.statusCode }, reply.elapsedTime / 1000)
    done()
  })
}

/** Opens `GET /metrics` on `app`, in Prometheus' text format: what `source` counts, and the process it runs in. */
export function exposeMetrics (app: Server, source: Server = app): void {
  app.get('/metrics', { config: { operationId: 'metrics', access: 'public' } }, async (_request, reply) => {
    const all = Registry.merge([source.metrics, ofProcess()])
    return await reply.header('content-type', all.contentType).send(await all.metrics())
  })
  ofProcess()
}
