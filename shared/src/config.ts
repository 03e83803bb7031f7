import { readFileSync } from 'node:fs'
import { Type, type Static, type TObject, type TSchema } from 'typebox'
import { createConfigAjv } from './config/formats.ts'
import { findMistypedNames } from './config/mistyped-names.ts'
import { StartupError } from './errors.ts'

// The description of a setting defines its allowed values. In the error message, it follows "must be".
const Integer = (minimum: number, maximum: number, fallback: number) =>
  Type.Integer({ minimum, maximum, default: fallback, description: `an integer from ${minimum} to ${maximum}` })
const Port = (fallback: number) => Integer(0, 65535, fallback)
const PerMinute = (fallback: number) => Integer(0, 1_000_000, fallback)
const Text = (options: object = {}) =>
  Type.String({ pattern: '\\S', description: 'text that is not blank', ...options })
const ServerUrl = (fallback: string) => Type.String({
  format: 'server-url',
  default: fallback,
  description: 'the URL of a server without a path, such as https://auth.example.com'
})
const MongoUri = () => Type.Optional(Type.String({
  pattern: '^mongodb(\\+srv)?://', description: 'a URI that starts with mongodb:// or mongodb+srv://'
}))

const CollectorUrl = () => Type.Optional(Type.String({
  format: 'collector-url',
  description: 'a URL that starts with http:// or https://, without user name, query and fragment'
}))
const Ratio = (fallback: number) =>
  Type.Number({ minimum: 0, maximum: 1, default: fallback, description: 'a number from 0 to 1, such as 0.1' })

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

/** All environment variables of the platform. Each server picks its own. Times are in seconds. */
export const settings = {
  PORT: Port(3000),
  AUTH_PORT: Port(3001),
  EVENT_PORT: Port(3002),
  HOST: Text({ default: '127.0.0.1' }),
  AUTH_URL: ServerUrl('http://127.0.0.1:3001'),
  EVENT_URL: ServerUrl('http://127.0.0.1:3002'),
  MONGODB_URI: MongoUri(),
  AUTH_MONGODB_URI: MongoUri(),
  EVENT_MONGODB_URI: MongoUri(),
  DATA_DIR: Text({ default: '.data' }),
  JWT_PRIVATE_KEY_FILE: Type.Optional(Text()),
  JWT_ISSUER: Text({ default: 'laurel' }),
  JWT_AUDIENCE: Text({ default: 'laurel-api' }),
  ACCESS_TOKEN_TTL: Integer(10, 86_400, 900),
  REFRESH_TOKEN_TTL: Integer(60, 31_536_000, 2_592_000),
  REFRESH_IDLE_TTL: Integer(1, 31_536_000, 1_209_600),
  ADMIN_EMAIL: Type.String({ format: 'email', default: 'admin@example.com', description: 'an email address' }),
  ADMIN_PASSWORD: Type.Optional(Text({ minLength: 8, maxLength: 256, description: 'text of 8 to 256 characters' })),
  BCRYPT_COST: Integer(4, 15, 12),
  METRICS_PORT: Type.Optional(Type.Integer({
    minimum: 0, maximum: 65535, description: 'an integer from 0 to 65535'
  })),
  RATE_LIMIT_PER_MINUTE: PerMinute(600),
  LOGIN_LIMIT_PER_MINUTE: PerMinute(30),
  REDIS_URL: Type.Optional(Type.String({
    format: 'redis-url', description: 'a URL that starts with redis:// or rediss://'
  })),
  TRUST_PROXY: Type.Optional(Type.String({
    format: 'addresses', description: 'IP addresses or networks such as 10.0.0.0/8, separated by commas'
  })),
  CORS_ORIGIN: Type.Optional(Type.String({
    format: 'origins', description: '* or origins such as https://app.example.com, in lower case, separated by commas'
  })),
  TLS_CERT_FILE: Type.Optional(Text()),
  TLS_KEY_FILE: Type.Optional(Text()),
  TIME_ZONE: Text({ default: 'UTC' }),
  ACTIVITY_RETENTION_DAYS: Type.Optional(Type.Integer({
    minimum: 3, maximum: 36_500, description: 'an integer from 3 to 36500'
  })),
  WEBHOOK_ALLOW: Type.Optional(Type.String({
    format: 'hosts', description: 'hosts such as receiver or 127.0.0.1:9000, in lower case, separated by commas'
  })),
  OTEL_EXPORTER_OTLP_ENDPOINT: CollectorUrl(),
  OTEL_SERVICE_NAME: Type.Optional(Text()),
  OTEL_TRACES_SAMPLER_ARG: Ratio(1),
  LOG_LEVEL: Type.Enum([...logLevels], { default: 'info', description: `one of ${logLevels.join(', ')}` })
}

export type SettingName = keyof typeof settings

/** The file in `DATA_DIR` with the generated password of the first ADMIN. It exists if `ADMIN_PASSWORD` is not set. */
export const firstAdminPasswordFile = 'first-admin-password'

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

const ajv = createConfigAjv()

type Setting = TSchema & { readonly type?: string, readonly default?: unknown, readonly description?: string }

/**
 * Reads the settings with these names from an environment. Throws `StartupError` with one line that lists the allowed
 * values or the name that was probably meant. The line never contains a value, because a value can be a secret.
 */
export function loadConfig<Name extends SettingName> (
  names: readonly Name[], env: NodeJS.ProcessEnv
): Readonly<Static<TObject<Pick<typeof settings, Name>>>> {
  rejectMistypedNames(env)
  const data: Record<string, unknown> = {}
  const lines: string[] = []
  for (const name of names) {
    const schema: Setting = settings[name]
    const value = parse(schema, readSetting(name, env)) ?? schema.default
    if (value === undefined) continue
    data[name] = value
    // Ajv compiles the schema of each setting once.
    if (!ajv.validate(schema, value)) lines.push(`${name} must be ${schema.description}`)
  }
  if (lines.length > 0) throw new StartupError(`Configuration: ${lines.join('; ')}`)
  return data as Static<TObject<Pick<typeof settings, Name>>>
}

function rejectMistypedNames (env: NodeJS.ProcessEnv): void {
  const lines = findMistypedNames(env, Object.keys(settings))
    .map(([name, meant]) => `${name} is not a setting; did you mean ${meant}?`)
  if (lines.length > 0) throw new StartupError(`Configuration: ${lines.join(' ')}`)
}

/** The decimal notation of each numeric type. `1e1` and `0x10` stay strings, which the schema rejects. */
const numbers: Readonly<Record<string, RegExp>> = { integer: /^\d+$/, number: /^\d+(\.\d+)?$/ }

function parse ({ type = '' }: Setting, value: string | undefined): string | number | undefined {
  return value !== undefined && numbers[type]?.test(value) === true ? Number(value) : value
}

/** Returns the URI of a service's database. Throws `StartupError` if neither variable is set. */
export function requireMongoUri (own: string | undefined, common: string | undefined, ownName: string): string {
  const uri = own ?? common
  if (uri === undefined) {
    const hint = '`npm start` starts an embedded MongoDB'
    throw new StartupError(`Configuration: MONGODB_URI or ${ownName} is required (${hint})`)
  }
  return uri
}
