import { loadConfig, requireMongoUri, settings } from '@laurel/shared/config'
import { StartupError } from '@laurel/shared/errors'
import { isTimeZone } from '@laurel/shared/http'

const {
  HOST, EVENT_PORT, AUTH_URL, MONGODB_URI, EVENT_MONGODB_URI, JWT_ISSUER, JWT_AUDIENCE, TIME_ZONE, LOG_LEVEL
} = settings
const ownSettings = {
  HOST, EVENT_PORT, AUTH_URL, MONGODB_URI, EVENT_MONGODB_URI, JWT_ISSUER, JWT_AUDIENCE, TIME_ZONE, LOG_LEVEL
}

/** Reads the settings of event-service from its environment. Throws a StartupError that names the bad variable. */
export function readConfig (env: NodeJS.ProcessEnv) {
  const config = loadConfig(ownSettings, env)
  if (!isTimeZone(config.TIME_ZONE)) {
    throw new StartupError('Configuration: TIME_ZONE must be an IANA time zone such as Asia/Seoul or UTC')
  }
  return { ...config, mongoUri: requireMongoUri(config.EVENT_MONGODB_URI, config.MONGODB_URI, 'EVENT_MONGODB_URI') }
}

export type Config = ReturnType<typeof readConfig>
