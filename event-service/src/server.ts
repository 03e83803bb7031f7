import { run } from '@laurel/shared/http'
import { buildApp } from './app.ts'
import { readConfig } from './config.ts'

await run('event-service', async () => {
  const config = readConfig(process.env)
  return { app: await buildApp(config), host: config.HOST, port: config.EVENT_PORT }
})
