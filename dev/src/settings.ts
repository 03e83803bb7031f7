import { resolve } from 'node:path'
import { loadConfig } from '@laurel/shared/config'
import { StartupError } from '@laurel/shared/errors'

/** The settings that the launcher itself needs. The servers get the whole environment. */
export type Settings = ReturnType<typeof readSettings>

const portNames = ['PORT', 'AUTH_PORT', 'EVENT_PORT'] as const

/** Throws a `StartupError` that names the variable with an invalid value. */
export function readSettings (env: NodeJS.ProcessEnv, cwd: string) {
  const config = loadConfig([
    'HOST', 'PORT', 'AUTH_PORT', 'EVENT_PORT', 'METRICS_PORT', 'DATA_DIR', 'ADMIN_EMAIL', 'ADMIN_PASSWORD',
    'TLS_CERT_FILE', 'TLS_KEY_FILE', 'MONGODB_URI', 'AUTH_MONGODB_URI', 'EVENT_MONGODB_URI'
  ], env)
  const seen = new Map<number, string>()
  for (const name of portNames) {
    const port = config[name]
    const other = seen.get(port)
    if (port === 0) throw new StartupError(`Configuration: ${name} must be a port from 1 to 65535`)
    if (other !== undefined) throw new StartupError(`Configuration: ${other} and ${name} are both ${port}`)
    seen.set(port, name)
  }
  return {
    ...config,
    DATA_DIR: resolve(cwd, config.DATA_DIR),
    /** Whether a server needs the embedded MongoDB. */
    needsMongod: config.MONGODB_URI === undefined &&
      (config.AUTH_MONGODB_URI === undefined || config.EVENT_MONGODB_URI === undefined),
    /** Whether the gateway speaks HTTPS. */
    https: config.TLS_CERT_FILE !== undefined && config.TLS_KEY_FILE !== undefined
  }
}
