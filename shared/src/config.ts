import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import type { Ajv, ErrorObject } from 'ajv'
import addFormats from 'ajv-formats'
import { envSchema } from 'env-schema'
import { Type, type Static, type TObject, type TProperties } from 'typebox'
import { StartupError } from './errors.ts'

/** Where another server listens, and nothing more: a path or a password would be lost or told. */
function isServerUrl (text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, href, origin } = new URL(text)
  return /^https?:$/.test(protocol) && href === `${origin}/`
}

/** Addresses and networks (`10.0.0.0/8`), separated by commas. */
function isAddressList (text: string): boolean {
  return text.split(',').every(entry => {
    const [address = '', prefix = '0', ...rest] = entry.trim().split('/')
    const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] as number
    return rest.length === 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= bits
  })
}

/** Origins as a browser sends them (`https://app.example.com`), separated by commas, or `*`. */
function isOriginList (text: string): boolean {
  return text.split(',').every(entry => entry.trim() === '*' || isServerUrl(`${entry.trim()}/`))
}

const ServerUrl = (fallback: string) => Type.String({ format: 'server-url', default: fallback })
const Port = (fallback: number) => Type.Integer({ minimum: 0, maximum: 65535, default: fallback })

/** Every environment variable of the platform has one definition; each server picks the ones that it reads. */
export const settings = {
  PORT: Port(3000),
  AUTH_PORT: Port(3001),
  EVENT_PORT: Port(3002),
  HOST: Type.String({ default: '127.0.0.1' }),
  AUTH_URL: ServerUrl('http://127.0.0.1:3001'),
  EVENT_URL: ServerUrl('http://127.0.0.1:3002'),
  MONGODB_URI: Type.Optional(Type.String({ pattern: '^mongodb(\\+srv)?://' })),
  AUTH_MONGODB_URI: Type.Optional(Type.String({ pattern: '^mongodb(\\+srv)?://' })),
  EVENT_MONGODB_URI: Type.Optional(Type.String({ pattern: '^mongodb(\\+srv)?://' })),
  DATA_DIR: Type.String({ default: '.data' }),
  JWT_PRIVATE_KEY_FILE: Type.Optional(Type.String()),
  JWT_ISSUER: Type.String({ default: 'laurel' }),
  JWT_AUDIENCE: Type.String({ default: 'laurel-api' }),
  ACCESS_TOKEN_TTL: Type.Integer({ minimum: 10, maximum: 86_400, default: 900 }),
  REFRESH_TOKEN_TTL: Type.Integer({ minimum: 60, maximum: 31_536_000, default: 2_592_000 }),
  REFRESH_IDLE_TTL: Type.Integer({ minimum: 1, maximum: 31_536_000, default: 1_209_600 }),
  ADMIN_EMAIL: Type.String({ format: 'email', default: 'admin@example.com' }),
  ADMIN_PASSWORD: Type.Optional(Type.String({ minLength: 8, maxLength: 256 })),
  BCRYPT_COST: Type.Integer({ minimum: 4, maximum: 15, default: 12 }),
  METRICS_PORT: Type.Optional(Type.Integer({ minimum: 0, maximum: 65535 })),
  RATE_LIMIT_PER_MINUTE: Type.Integer({ minimum: 0, maximum: 1_000_000, default: 600 }),
  LOGIN_LIMIT_PER_MINUTE: Type.Integer({ minimum: 0, maximum: 1_000_000, default: 30 }),
  REDIS_URL: Type.Optional(Type.String({ format: 'redis-url' })),
  TRUST_PROXY: Type.Optional(Type.String({ format: 'addresses' })),
  CORS_ORIGIN: Type.Optional(Type.String({ format: 'origins' })),
  TLS_CERT_FILE: Type.Optional(Type.String()),
  TLS_KEY_FILE: Type.Optional(Type.String()),
  TIME_ZONE: Type.String({ default: 'UTC' }),
  LOG_LEVEL: Type.Enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], { default: 'info' })
}

/** The value of a variable, or of the file that `NAME_FILE` names: how Docker and Kubernetes hand over secrets. */
function readValue (name: string, env: NodeJS.ProcessEnv): string | undefined {
  const value = env[name]
  const file = env[`${name}_FILE`]
  if ((value !== undefined && value !== '') || file === undefined || file === '') return value
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    throw new StartupError(`Configuration: ${name}_FILE cannot be read (${(error as NodeJS.ErrnoException).code})`)
  }
}

/**
 * Reads the given settings from an environment. An empty value counts as unset, as in a compose file's `${X:-}`;
 * each may be handed over in a file instead, named by the variable with `_FILE` behind it.
 * @throws {StartupError} one line that names the variable; never its value, which may be a secret.
 */
export function loadConfig<P extends TProperties> (properties: P, env: NodeJS.ProcessEnv): Readonly<Static<TObject<P>>> {
  const values = Object.keys(properties).map(name => [name, readValue(name, env)] as const)
  const data = Object.fromEntries(values.filter(([, value]) => value !== undefined && value !== ''))
  try {
    return envSchema<Static<TObject<P>>>({ schema: Type.Object(properties), data, env: false, ajv: { customOptions: addOurFormats } })
  } catch (error) {
    const { errors } = error as { errors: readonly ErrorObject[] }
    throw new StartupError(`Configuration: ${errors.map(({ instancePath, message }) => `${instancePath.slice(1)} ${message}`).join('; ')}`)
  }
}

const addOurFormats = (ajv: Ajv): Ajv => addFormats.default(ajv, ['email'])
  .addFormat('server-url', isServerUrl)
  .addFormat('redis-url', text => /^rediss?:\/\//.test(text) && URL.canParse(text))
  .addFormat('addresses', isAddressList)
  .addFormat('origins', isOriginList)

/** The URI of one service's database. @throws {StartupError} where neither variable is set. */
export function mongoUri (own: string | undefined, common: string | undefined, ownName: string): string {
  const uri = own ?? common
  if (uri === undefined) throw new StartupError(`Configuration: MONGODB_URI or ${ownName} is required (\`npm start\` brings an embedded MongoDB)`)
  return uri
}
