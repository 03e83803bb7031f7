import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import type { Ajv, ErrorObject } from 'ajv'
import addFormats from 'ajv-formats'
import { envSchema } from 'env-schema'
import { Type, type Static, type TObject, type TProperties } from 'typebox'
import { StartupError } from './errors.ts'

/** Accepts the origin of a server. A path or a password would be ignored or disclosed. */
function isServerUrl (text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, href, origin } = new URL(text)
  return /^https?:$/.test(protocol) && href === `${origin}/`
}

/** Accepts addresses and networks (`10.0.0.0/8`), separated by commas. */
function isAddressList (text: string): boolean {
  return text.split(',').every(entry => {
    const [address = '', prefix = '0', ...rest] = entry.trim().split('/')
    const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] as number
    return rest.length === 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= bits
  })
}

/** Accepts origins (`https://app.example.com`), separated by commas, or `*`. */
function isOriginList (text: string): boolean {
  return text.split(',').every(entry => entry.trim() === '*' || isServerUrl(`${entry.trim()}/`))
}

const ServerUrl = (fallback: string) => Type.String({ format: 'server-url', default: fallback })
const MongoUri = () => Type.Optional(Type.String({ pattern: '^mongodb(\\+srv)?://' }))
const Port = (fallback: number) => Type.Integer({ minimum: 0, maximum: 65535, default: fallback })
const Seconds = (minimum: number, maximum: number, fallback: number) =>
  Type.Integer({ minimum, maximum, default: fallback })
const PerMinute = (fallback: number) => Type.Integer({ minimum: 0, maximum: 1_000_000, default: fallback })

/** Every environment variable of the platform. Each server picks the ones that it reads. */
export const settings = {
  PORT: Port(3000),
  AUTH_PORT: Port(3001),
  EVENT_PORT: Port(3002),
  HOST: Type.String({ default: '127.0.0.1' }),
  AUTH_URL: ServerUrl('http://127.0.0.1:3001'),
  EVENT_URL: ServerUrl('http://127.0.0.1:3002'),
  MONGODB_URI: MongoUri(),
  AUTH_MONGODB_URI: MongoUri(),
  EVENT_MONGODB_URI: MongoUri(),
  DATA_DIR: Type.String({ default: '.data' }),
  JWT_PRIVATE_KEY_FILE: Type.Optional(Type.String()),
  JWT_ISSUER: Type.String({ default: 'laurel' }),
  JWT_AUDIENCE: Type.String({ default: 'laurel-api' }),
  ACCESS_TOKEN_TTL: Seconds(10, 86_400, 900),
  REFRESH_TOKEN_TTL: Seconds(60, 31_536_000, 2_592_000),
  REFRESH_IDLE_TTL: Seconds(1, 31_536_000, 1_209_600),
  ADMIN_EMAIL: Type.String({ format: 'email', default: 'admin@example.com' }),
  ADMIN_PASSWORD: Type.Optional(Type.String({ minLength: 8, maxLength: 256 })),
  BCRYPT_COST: Type.Integer({ minimum: 4, maximum: 15, default: 12 }),
  METRICS_PORT: Type.Optional(Type.Integer({ minimum: 0, maximum: 65535 })),
  RATE_LIMIT_PER_MINUTE: PerMinute(600),
  LOGIN_LIMIT_PER_MINUTE: PerMinute(30),
  REDIS_URL: Type.Optional(Type.String({ format: 'redis-url' })),
  TRUST_PROXY: Type.Optional(Type.String({ format: 'addresses' })),
  CORS_ORIGIN: Type.Optional(Type.String({ format: 'origins' })),
  TLS_CERT_FILE: Type.Optional(Type.String()),
  TLS_KEY_FILE: Type.Optional(Type.String()),
  TIME_ZONE: Type.String({ default: 'UTC' }),
  LOG_LEVEL: Type.Enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], { default: 'info' })
}

/**
 * Returns the value of an environment variable, or the content of the file named by `<name>_FILE`, which is how Docker
 * and Kubernetes pass secrets. An empty value counts as unset, as in `${X:-}` of a compose file.
 * Throws `StartupError` if the file cannot be read.
 */
export function readSetting (name: string, env: NodeJS.ProcessEnv): string | undefined {
  const value = env[name]
  if (value !== undefined && value !== '') return value
  const file = env[`${name}_FILE`]
  if (file === undefined || file === '') return undefined
  try {
    const content = readFileSync(file, 'utf8').trim()
    return content === '' ? undefined : content
  } catch (error) {
    throw new StartupError(`Configuration: cannot read ${name}_FILE (${(error as NodeJS.ErrnoException).code})`)
  }
}

/**
 * Reads the given settings from an environment.
 * Throws `StartupError` with one line that names the variables, but never their values, which may be secrets.
 */
export function loadConfig<P extends TProperties> (
  properties: P, env: NodeJS.ProcessEnv
): Readonly<Static<TObject<P>>> {
  const values = Object.keys(properties).map(name => [name, readSetting(name, env)] as const)
  const data = Object.fromEntries(values.filter(([, value]) => value !== undefined))
  const schema = Type.Object(properties)
  try {
    return envSchema<Static<TObject<P>>>({ schema, data, env: false, ajv: { customOptions: addCustomFormats } })
  } catch (error) {
    const { errors } = error as { errors: readonly ErrorObject[] }
    const lines = errors.map(({ instancePath, message }) => `${instancePath.slice(1)} ${message}`)
    throw new StartupError(`Configuration: ${lines.join('; ')}`)
  }
}

const addCustomFormats = (ajv: Ajv): Ajv => addFormats.default(ajv, ['email'])
  .addFormat('server-url', isServerUrl)
  .addFormat('redis-url', text => /^rediss?:\/\//.test(text) && URL.canParse(text))
  .addFormat('addresses', isAddressList)
  .addFormat('origins', isOriginList)

/** Returns the URI of a service's database. Throws `StartupError` if neither variable is set. */
export function requireMongoUri (own: string | undefined, common: string | undefined, ownName: string): string {
  const uri = own ?? common
  if (uri === undefined) {
    const hint = '`npm start` starts an embedded MongoDB'
    throw new StartupError(`Configuration: MONGODB_URI or ${ownName} is required (${hint})`)
  }
  return uri
}
