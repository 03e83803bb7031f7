import { loadConfig, requireMongoUri, settings } from '@laurel/shared/config'

/** Reads the environment of auth-service. The operations guide describes each setting. */
export function readConfig (env: NodeJS.ProcessEnv) {
  const config = loadConfig({
    HOST: settings.HOST,
    AUTH_PORT: settings.AUTH_PORT,
    EVENT_URL: settings.EVENT_URL,
    MONGODB_URI: settings.MONGODB_URI,
    AUTH_MONGODB_URI: settings.AUTH_MONGODB_URI,
    DATA_DIR: settings.DATA_DIR,
    JWT_PRIVATE_KEY_FILE: settings.JWT_PRIVATE_KEY_FILE,
    JWT_ISSUER: settings.JWT_ISSUER,
    JWT_AUDIENCE: settings.JWT_AUDIENCE,
    ACCESS_TOKEN_TTL: settings.ACCESS_TOKEN_TTL,
    REFRESH_TOKEN_TTL: settings.REFRESH_TOKEN_TTL,
    REFRESH_IDLE_TTL: settings.REFRESH_IDLE_TTL,
    ADMIN_EMAIL: settings.ADMIN_EMAIL,
    ADMIN_PASSWORD: settings.ADMIN_PASSWORD,
    BCRYPT_COST: settings.BCRYPT_COST,
    OTEL_EXPORTER_OTLP_ENDPOINT: settings.OTEL_EXPORTER_OTLP_ENDPOINT,
    OTEL_SERVICE_NAME: settings.OTEL_SERVICE_NAME,
    OTEL_TRACES_SAMPLER_ARG: settings.OTEL_TRACES_SAMPLER_ARG,
    LOG_LEVEL: settings.LOG_LEVEL
  }, env)
  return { ...config, mongoUri: requireMongoUri(config.AUTH_MONGODB_URI, config.MONGODB_URI, 'AUTH_MONGODB_URI') }
}

export type Config = ReturnType<typeof readConfig>
