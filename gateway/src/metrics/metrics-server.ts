import { createServer, addMetricsRoute, hardenRequests, type Server } from '@laurel/shared/http'
import type { Config } from '../config.ts'

const metricsPort = 9464

type MetricsSettings = Pick<Config, 'HOST' | 'METRICS_PORT' | 'LOG_LEVEL'>

/**
 * Serves the metrics of `app` at `/metrics` on its own port, which stays inside the private network. If `METRICS_PORT`
 * is set, that port must be free. If the default port is in use, for example by a second Laurel on the same machine,
 * the gateway runs without metrics.
 */
export async function startMetricsServer (
  app: Server,
  settings: MetricsSettings,
  defaultPort = metricsPort
): Promise<Server> {
  const { HOST, METRICS_PORT, LOG_LEVEL } = settings
  const server = createServer({ name: 'gateway', logLevel: LOG_LEVEL, acceptRequestId: false })
  hardenRequests(server)
  addMetricsRoute(server, app)
  app.addHook('onClose', async () => { await server.close() })
  try {
    await server.listen({ host: HOST, port: METRICS_PORT ?? defaultPort })
  } catch (error) {
    if (METRICS_PORT !== undefined) throw error
    app.log.warn({ err: error }, 'the gateway runs without metrics; set METRICS_PORT to a free port')
  }
  return server
}
