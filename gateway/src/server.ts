import { runServer } from '@laurel/shared/http'
import { buildApp } from './app.ts'
import { readConfig } from './config.ts'
import { startMetricsServer } from './metrics/metrics-server.ts'
import { readTls } from './security/tls.ts'

await runServer('gateway', () => {
  const config = readConfig(process.env)
  const tls = readTls(config)
  return {
    host: config.HOST,
    port: config.PORT,
    tls,
    tracing: config,
    async build () {
      const app = await buildApp(config, { tls })
      await startMetricsServer(app, config)
      return app
    }
  }
})
