import { loadConfig, requireMongoUri } from '@laurel/shared/config'

/** Reads the environment of auth-service. The operations guide describes each setting. */
export function readConfig (env: NodeJS.ProcessEnv) {
  const config = loadConfig([
    'HOST', 'AUTH_PORT', 'EVENT_URL', 'MONGODB_URI', 'AUTH_MONGODB_URI', 'DATA_DIR', 'JWT_PRIVATE_KEY_FILE',
    'JWT_ISSUER', 'JWT_AUDIENCE', 'ACCESS_TOKEN_TTL', 'REFRESH_TOKEN_TTL', 'REFRESH_IDLE_TTL', 'ADMIN_EMAIL',
    'ADMIN_PASSWORD', 'BCRYPT_COST', 'OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_SERVICE_NAME', 'OTEL_TRACES_SAMPLER_ARG',
    'LOG_LEVEL'
  ], env)
  return { ...config, mongoUri: requireMongoUri(config.AUTH_MONGODB_URI, config.MONGODB_URI, 'AUTH_MONGODB_URI') }
}

export type Config = ReturnType<typeof readConfig>
