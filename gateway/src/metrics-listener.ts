import { createServer, exposeMetrics, refuseOddRequests, type Server } from '@laurel/shared/http'
import type { Config } from './config.ts'

const defaultPort = 9464

/**
 * Tells what `app` counts at `/metrics` on a port of its own, which is nobody's business outside.
 * Where the default port is taken, as by a second Laurel on a laptop, it goes on without; a port that was asked for must be free.
 */
export async function listenForMetrics (app: Server, { HOST, METRICS_PORT, LOG_LEVEL }: Pick<Config, 'HOST' | 'METRICS_PORT' | 'LOG_LEVEL'>): Promise<Server> {
  const listener = createServer({ name: 'gateway', logLevel: LOG_LEVEL, takesRequestId: false })
  refuseOddRequests(listener)
  exposeMetrics(listener, app)
  app.addHook('onClose', async () => { await listener.close() })
  try {
    await listener.listen({ host: HOST, port: METRICS_PORT ?? defaultPort })
  } catch (error) {
    if (METRICS_PORT !== undefined) throw error
    app.log.warn({ err: error }, 'no metrics: set METRICS_PORT to a free port')
  }
  return listener
}
