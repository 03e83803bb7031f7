import { runServer } from '@laurel/shared/http'
import { buildApp } from './app.ts'
import { readConfig } from './config.ts'

await runServer('event-service', () => {
  const config = readConfig(process.env)
  return {
    host: config.HOST,
    port: config.EVENT_PORT,
    tracing: config,
    build: async tracing => await buildApp(config, { tracing })
  }
})
