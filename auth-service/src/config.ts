import { loadConfig, mongoUri, settings } from '@laurel/shared/config'

/** What auth-service reads from its environment; the README, 'Running it in production', says what each means. */
export function readConfig (env: NodeJS.ProcessEnv) {
  const {
    HOST, AUTH_PORT, EVENT_URL, MONGODB_URI, AUTH_MONGODB_URI, DATA_DIR, JWT_PRIVATE_KEY_FILE, JWT_ISSUER, JWT_AUDIENCE,
    ACCESS_TOKEN_TTL, REFRESH_TOKEN_TTL, REFRESH_IDLE_TTL, ADMIN_EMAIL, ADMIN_PASSWORD, BCRYPT_COST, LOG_LEVEL
  } = settings
  const config = loadConfig({
    HOST,
    AUTH_PORT,
    EVENT_URL,
    MONGODB_URI,
    AUTH_MONGODB_URI,
    DATA_DIR,
    JWT_PRIVATE_KEY_FILE,
    JWT_ISSUER,
    JWT_AUDIENCE,
    ACCESS_TOKEN_TTL,
    REFRESH_TOKEN_TTL,
    REFRESH_IDLE_TTL,
    ADMIN_EMAIL,
    ADMIN_PASSWORD,
    BCRYPT_COST,
    LOG_LEVEL
  }, env)
  return { ...config, mongoUri: mongoUri(config.AUTH_MONGODB_URI, config.MONGODB_URI, 'AUTH_MONGODB_URI') }
}

export type Config = ReturnType<typeof readConfig>
