import { loadConfig, settings } from '@laurel/shared/config'

/** Reads the gateway's settings, which docs/operations.md describes. Throws a `StartupError` if one is invalid. */
export function readConfig (env: NodeJS.ProcessEnv) {
  return loadConfig({
    HOST: settings.HOST,
    PORT: settings.PORT,
    METRICS_PORT: settings.METRICS_PORT,
    AUTH_URL: settings.AUTH_URL,
    EVENT_URL: settings.EVENT_URL,
    JWT_ISSUER: settings.JWT_ISSUER,
    JWT_AUDIENCE: settings.JWT_AUDIENCE,
    OTEL_EXPORTER_OTLP_ENDPOINT: settings.OTEL_EXPORTER_OTLP_ENDPOINT,
    OTEL_SERVICE_NAME: settings.OTEL_SERVICE_NAME,
    OTEL_TRACES_SAMPLER_ARG: settings.OTEL_TRACES_SAMPLER_ARG,
    LOG_LEVEL: settings.LOG_LEVEL,
    RATE_LIMIT_PER_MINUTE: settings.RATE_LIMIT_PER_MINUTE,
    LOGIN_LIMIT_PER_MINUTE: settings.LOGIN_LIMIT_PER_MINUTE,
    REDIS_URL: settings.REDIS_URL,
    TRUST_PROXY: settings.TRUST_PROXY,
    CORS_ORIGIN: settings.CORS_ORIGIN,
    TLS_CERT_FILE: settings.TLS_CERT_FILE,
    TLS_KEY_FILE: settings.TLS_KEY_FILE
  }, env)
}

export type Config = ReturnType<typeof readConfig>
