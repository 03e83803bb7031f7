import { loadConfig, requireMongoUri } from '@laurel/shared/config'
import { StartupError } from '@laurel/shared/errors'
import { isTimeZone } from '@laurel/shared/http'

/** Reads the settings of event-service from its environment. Throws a StartupError that names the invalid variable. */
export function readConfig (env: NodeJS.ProcessEnv) {
  const config = loadConfig([
    'HOST', 'EVENT_PORT', 'AUTH_URL', 'MONGODB_URI', 'EVENT_MONGODB_URI', 'JWT_ISSUER', 'JWT_AUDIENCE', 'TIME_ZONE',
    'ACTIVITY_RETENTION_DAYS', 'WEBHOOK_ALLOW', 'OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_SERVICE_NAME',
    'OTEL_TRACES_SAMPLER_ARG', 'LOG_LEVEL'
  ], env)
  if (!isTimeZone(config.TIME_ZONE)) {
    throw new StartupError('Configuration: TIME_ZONE must be a zone of the tz database, such as Asia/Seoul or UTC')
  }
  return { ...config, mongoUri: requireMongoUri(config.EVENT_MONGODB_URI, config.MONGODB_URI, 'EVENT_MONGODB_URI') }
}

export type Config = ReturnType<typeof readConfig>
