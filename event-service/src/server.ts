import { runServer } from '@laurel/shared/http'
import { buildApp } from './app.ts'
import { readConfig } from './config.ts'

await runServer('event-service', async () => {
  const config = readConfig(process.env)
  return { app: await buildApp(config), host: config.HOST, port: config.EVENT_PORT }
})
