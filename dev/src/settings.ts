import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { StartFailure, codeOf } from './failure.ts'

/** The part of the environment that the launcher itself needs; all of it is passed on to the servers, who read the rest. */
export interface Settings {
  host: string
  ports: Ports
  /** Where the gateway tells its metrics, if that was said. */
  metricsPort: number | undefined
  /** An absolute path. */
  dataDir: string
  /** The variables that name a database which somebody else runs, with their values. */
  databases: Record<string, string>
  /** Whether a database must be started here, because some server has none. */
  embedded: boolean
  /** Whether the gateway speaks HTTPS. */
  https: boolean
}

const PORTS = { PORT: 3000, AUTH_PORT: 3001, EVENT_PORT: 3002 }
export type Ports = typeof PORTS
const DATABASES = ['MONGODB_URI', 'AUTH_MONGODB_URI', 'EVENT_MONGODB_URI']

/** @throws {StartFailure} naming the variable whose value cannot be used */
export function readSettings (env: NodeJS.ProcessEnv, cwd: string): Settings {
  const databases = Object.fromEntries(DATABASES.flatMap(name => {
    const uri = valueOf(name, env)
    return uri ? [[name, uri]] : []
  }))
  return {
    host: valueOf('HOST', env) || '127.0.0.1',
    ports: readPorts(env),
    metricsPort: Number(valueOf('METRICS_PORT', env)) || undefined,
    dataDir: resolve(cwd, valueOf('DATA_DIR', env) || '.data'),
    databases,
    embedded: databases['MONGODB_URI'] === undefined && Object.keys(databases).length < 2,
    https: Boolean(env['TLS_CERT_FILE'] && env['TLS_KEY_FILE'])
  }
}

/** As the servers do: an empty value is none, and `NAME_FILE` names a file with the value. */
function valueOf (name: string, env: NodeJS.ProcessEnv): string | undefined {
  const file = env[`${name}_FILE`]
  if (env[name] || !file) return env[name]
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    throw new StartFailure(`${name}_FILE cannot be read (${codeOf(error) ?? 'unknown error'})`)
  }
}

function readPorts (env: NodeJS.ProcessEnv): Ports {
  const ports = { ...PORTS }
  const seen = new Map<number, string>()
  for (const name of Object.keys(PORTS) as Array<keyof Ports>) {
    const text = valueOf(name, env)
    if (text) ports[name] = Number(text)
    const port = ports[name]
    if (!/^\d{1,5}$/.test(text || '1') || port < 1 || port > 65535) {
      throw new StartFailure(`${name}=${text} is not a port: use a whole number from 1 to 65535`)
    }
    if (seen.has(port)) throw new StartFailure(`${seen.get(port)} and ${name} are both ${port}: each needs its own`)
    seen.set(port, name)
  }
  return ports
}
