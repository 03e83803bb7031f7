import { runServer } from '@laurel/shared/http'
import { buildApp } from './app.ts'
import { readConfig } from './config.ts'

await runServer('auth-service', () => {
  const config = readConfig(process.env)
  const print = (line: string): void => { process.stdout.write(`${line}\n`) }
  return {
    host: config.HOST,
    port: config.AUTH_PORT,
    tracing: config,
    build: async tracing => await buildApp(config, print, { tracing })
  }
})
