import { loadConfig, settings } from '@laurel/shared/config'

/** What the gateway reads from its environment; the README, 'Running it in production', says what each means. */
export function readConfig (env: NodeJS.ProcessEnv) {
  const { HOST, PORT, METRICS_PORT, AUTH_URL, EVENT_URL, JWT_ISSUER, JWT_AUDIENCE, LOG_LEVEL } = settings
  const { RATE_LIMIT_PER_MINUTE, LOGIN_LIMIT_PER_MINUTE, REDIS_URL, TRUST_PROXY, CORS_ORIGIN, TLS_CERT_FILE, TLS_KEY_FILE } = settings
  return loadConfig({
    HOST,
    PORT,
    METRICS_PORT,
    AUTH_URL,
    EVENT_URL,
    JWT_ISSUER,
    JWT_AUDIENCE,
    LOG_LEVEL,
    RATE_LIMIT_PER_MINUTE,
    LOGIN_LIMIT_PER_MINUTE,
    REDIS_URL,
    TRUST_PROXY,
    CORS_ORIGIN,
    TLS_CERT_FILE,
    TLS_KEY_FILE
  }, env)
}

export type Config = ReturnType<typeof readConfig>
