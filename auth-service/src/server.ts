import { runServer } from '@laurel/shared/http'
import { buildApp } from './app.ts'
import { readConfig } from './config.ts'

await runServer('auth-service', async () => {
  const config = readConfig(process.env)
  const app = await buildApp(config, line => { process.stdout.write(`${line}\n`) })
  return { app, host: config.HOST, port: config.AUTH_PORT }
})
