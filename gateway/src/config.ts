import { loadConfig, settings } from '@laurel/shared/config'

/** What the gateway reads from its environment; api.md, 'Environment', says what each means. */
export function readConfig (env: NodeJS.ProcessEnv) {
  const { HOST, PORT, AUTH_URL, EVENT_URL, JWT_ISSUER, JWT_AUDIENCE, LOG_LEVEL } = settings
  return loadConfig({ HOST, PORT, AUTH_URL, EVENT_URL, JWT_ISSUER, JWT_AUDIENCE, LOG_LEVEL }, env)
}

export type Config = ReturnType<typeof readConfig>
