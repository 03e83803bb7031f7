import { run } from '@laurel/shared/http'
import { buildApp } from './app.ts'
import { readConfig } from './config.ts'
import { startMetricsServer } from './metrics/metrics-server.ts'

await run('gateway', async () => {
  const config = readConfig(process.env)
  const app = await buildApp(config)
  await startMetricsServer(app, config)
  return { app, host: config.HOST, port: config.PORT }
})
