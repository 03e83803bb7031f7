import { loadConfig } from '@laurel/shared/config'

/** Reads the gateway's settings, which docs/operations.md describes. Throws a `StartupError` if one is invalid. */
export function readConfig (env: NodeJS.ProcessEnv) {
  return loadConfig([
    'HOST', 'PORT', 'METRICS_PORT', 'AUTH_URL', 'EVENT_URL', 'JWT_ISSUER', 'JWT_AUDIENCE',
    'RATE_LIMIT_PER_MINUTE', 'LOGIN_LIMIT_PER_MINUTE', 'REDIS_URL', 'TRUST_PROXY', 'CORS_ORIGIN', 'TLS_CERT_FILE',
    'TLS_KEY_FILE', 'OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_SERVICE_NAME', 'OTEL_TRACES_SAMPLER_ARG', 'LOG_LEVEL'
  ], env)
}

export type Config = ReturnType<typeof readConfig>
