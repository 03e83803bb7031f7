import { loadConfig, requireMongoUri, settings } from '@laurel/shared/config'
import { StartupError } from '@laurel/shared/errors'
import { isTimeZone } from '@laurel/shared/http'
import { hasFullIcu } from './domain/calendar.ts'

const {
  HOST, EVENT_PORT, AUTH_URL, MONGODB_URI, EVENT_MONGODB_URI, JWT_ISSUER, JWT_AUDIENCE, TIME_ZONE,
  ACTIVITY_RETENTION_DAYS, WEBHOOK_ALLOW, OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_SERVICE_NAME, OTEL_TRACES_SAMPLER_ARG,
  LOG_LEVEL
} = settings
const ownSettings = {
  HOST,
  EVENT_PORT,
  AUTH_URL,
  MONGODB_URI,
  EVENT_MONGODB_URI,
  JWT_ISSUER,
  JWT_AUDIENCE,
  TIME_ZONE,
  ACTIVITY_RETENTION_DAYS,
  WEBHOOK_ALLOW,
  OTEL_EXPORTER_OTLP_ENDPOINT,
  OTEL_SERVICE_NAME,
  OTEL_TRACES_SAMPLER_ARG,
  LOG_LEVEL
}

/**
 * Reads the settings of event-service from its environment. Throws a StartupError that names the invalid variable, or
 * the feature that this Node.js lacks.
 * @param isIcuComplete whether this Node.js can compute dates in every time zone.
 */
export function readConfig (env: NodeJS.ProcessEnv, isIcuComplete = hasFullIcu()) {
  if (!isIcuComplete) {
    throw new StartupError('Node.js: this build has no full ICU data, which event-service needs to compute dates')
  }
  const config = loadConfig(ownSettings, env)
  if (!isTimeZone(config.TIME_ZONE)) {
    throw new StartupError('Configuration: TIME_ZONE must be a zone of the tz database, such as Asia/Seoul or UTC')
  }
  return { ...config, mongoUri: requireMongoUri(config.EVENT_MONGODB_URI, config.MONGODB_URI, 'EVENT_MONGODB_URI') }
}

export type Config = ReturnType<typeof readConfig>
