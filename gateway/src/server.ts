import { run } from '@laurel/shared/http'
import { buildApp } from './app.ts'
import { readConfig } from './config.ts'

await run('gateway', async () => {
  const config = readConfig(process.env)
  return { app: await buildApp(config), host: config.HOST, port: config.PORT }
})
