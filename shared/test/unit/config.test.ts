import { loadConfig, requireMongoUri, settings, type SettingName } from '@laurel/shared/config'
import t from 'tap'

const allNames = Object.keys(settings) as SettingName[]

t.test('every setting has its documented default', async t => {
  t.same(loadConfig(allNames, {}), {
    PORT: 3000,
    AUTH_PORT: 3001,
    EVENT_PORT: 3002,
    HOST: '127.0.0.1',
    AUTH_URL: 'http://127.0.0.1:3001',
    EVENT_URL: 'http://127.0.0.1:3002',
    DATA_DIR: '.data',
    JWT_ISSUER: 'laurel',
    JWT_AUDIENCE: 'laurel-api',
    ACCESS_TOKEN_TTL: 900,
    REFRESH_TOKEN_TTL: 2592000,
    REFRESH_IDLE_TTL: 1209600,
    ADMIN_EMAIL: 'admin@example.com',
    BCRYPT_COST: 12,
    RATE_LIMIT_PER_MINUTE: 600,
    LOGIN_LIMIT_PER_MINUTE: 30,
    TIME_ZONE: 'UTC',
    OTEL_TRACES_SAMPLER_ARG: 1,
    LOG_LEVEL: 'info'
  })
})

t.test('the requested settings are read, numbers as numbers, and nothing else', async t => {
  const env = { PORT: '8080', HOST: '0.0.0.0', AUTH_URL: 'https://auth.example', PATH: '/bin', BCRYPT_COST: '4' }
  const config = loadConfig(['PORT', 'HOST', 'AUTH_URL'], env)
  t.same(config, { PORT: 8080, HOST: '0.0.0.0', AUTH_URL: 'https://auth.example' })
})

t.test('lists of addresses and origins may contain spaces', async t => {
  const env = {
    WEBHOOK_ALLOW: '127.0.0.1, receiver:8080,[::1]:9000',
    TRUST_PROXY: '10.0.0.0/8, 127.0.0.1,fd00::/8',
    CORS_ORIGIN: 'https://app.example.com, http://127.0.0.1:8080',
    REDIS_URL: 'rediss://user:secret@redis:6379/1'
  }
  t.same(loadConfig(['TRUST_PROXY', 'CORS_ORIGIN', 'REDIS_URL', 'WEBHOOK_ALLOW'], env), env)
  t.same(loadConfig(['CORS_ORIGIN'], { CORS_ORIGIN: '*' }), { CORS_ORIGIN: '*' })
})

t.test('the URL of a collector may have a path, and the sampling ratio may be a fraction', async t => {
  for (const url of ['http://collector:4318', 'http://collector:4318/', 'https://traces.example.com/otlp']) {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_TRACES_SAMPLER_ARG: '0.25' }
    t.same(loadConfig(['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_TRACES_SAMPLER_ARG'], env), {
      OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_TRACES_SAMPLER_ARG: 0.25
    })
  }
})

t.test('an empty value counts as unset', async t => {
  const env = { PORT: '', ADMIN_PASSWORD: '', ADMIN_PASSWORD_FILE: '' }
  t.same(loadConfig(['PORT', 'ADMIN_PASSWORD'], env), { PORT: 3000 })
})

t.test('only the given environment is read, never process.env', async t => {
  process.env['HOST'] = '10.9.8.7'
  t.same(loadConfig(['HOST'], {}), { HOST: '127.0.0.1' })
})

const canary = 'hunter2canary'
const invalidValues: Readonly<Partial<Record<SettingName, readonly string[]>>> = {
  PORT: [canary, '3000.5', '70000', '-1', '0x10x', '3000 3001'],
  AUTH_URL: [canary, `http://admin:${canary}@127.0.0.1:3001`, '//127.0.0.1'],
  EVENT_URL: [`ws://${canary}`, `http://127.0.0.1/${canary}`, 'http://127.0.0.1#x'],
  MONGODB_URI: [canary, `http://user:${canary}@127.0.0.1`],
  AUTH_MONGODB_URI: ['mongodb//x'],
  EVENT_MONGODB_URI: ['mongodb:/x'],
  ACCESS_TOKEN_TTL: ['9', '86401', '15m'],
  REFRESH_TOKEN_TTL: ['1'],
  REFRESH_IDLE_TTL: ['0'],
  ADMIN_EMAIL: [canary],
  ADMIN_PASSWORD: ['canary', canary.repeat(50)],
  BCRYPT_COST: ['3', '16', '1e1', '0x0a', '+12', '12.0', ' 12', 'twelve'],
  LOG_LEVEL: [canary, 'INFO', 'loud'],
  JWT_ISSUER: [' '],
  JWT_AUDIENCE: ['\t'],
  HOST: ['  '],
  TIME_ZONE: [' '],
  ACTIVITY_RETENTION_DAYS: ['2', '36501', '30d'],
  RATE_LIMIT_PER_MINUTE: ['-1'],
  LOGIN_LIMIT_PER_MINUTE: ['many'],
  METRICS_PORT: ['99999'],
  OTEL_EXPORTER_OTLP_ENDPOINT: [
    canary, 'collector:4318', `http://user:${canary}@collector:4318`, `http://collector:4318/?key=${canary}`,
    'http://collector:4318#x', 'grpc://collector:4317'
  ],
  OTEL_SERVICE_NAME: [' '],
  OTEL_TRACES_SAMPLER_ARG: [canary, '1.1', '-0.1', '1e-1', '10%', '.5'],
  REDIS_URL: [`http://${canary}`, `redis://${canary}:port`],
  TRUST_PROXY: [canary, '10.0.0.0/33', '10.0.0.1,', '10.0.0.0/8/8', '::1/129', '10.0.0.0/x'],
  WEBHOOK_ALLOW: [`http://${canary}`, `${canary}/path`, 'Receiver', '0177.0.0.1', 'receiver:port', 'receiver,', 'a b'],
  CORS_ORIGIN: [
    canary, 'https://app.example/path', 'https://app.example,', 'https://App.example', 'https://app.example:443',
    'http://app.example:80', 'https://app.example/'
  ]
}

for (const [name, values] of Object.entries(invalidValues)) {
  for (const value of values) {
    t.test(`an invalid ${name} stops the start with one line, without the value: ${value.slice(0, 40)}`, async t => {
      const expected = { name: 'StartupError', message: new RegExp(`^Configuration: ${name} must .+$`) }
      const error = t.throws(() => loadConfig(allNames, { [name]: value }), expected) as Error
      if (value.trim() !== '') t.notMatch(error.message, `${value} `)
      t.notMatch(error.message, canary)
    })
  }
}

t.test('one line names all invalid settings and the allowed values', async t => {
  t.throws(() => loadConfig(allNames, { PORT: 'x', LOG_LEVEL: 'loud', BCRYPT_COST: '1e1', JWT_ISSUER: ' ' }), {
    message: 'Configuration: PORT must be an integer from 0 to 65535; JWT_ISSUER must be text that is not blank; ' +
      'BCRYPT_COST must be an integer from 4 to 15; ' +
      'LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, silent'
  })
})

for (const [name, meant] of [
  ['RATE_LIMIT_PER_MIN', 'RATE_LIMIT_PER_MINUTE'],
  ['LOGIN_LIMIT_PER_MIN', 'LOGIN_LIMIT_PER_MINUTE'],
  ['MONGODB_URL', 'MONGODB_URI'],
  ['AUTH_MONGO_URI', 'AUTH_MONGODB_URI'],
  ['BCRYPT_COSTS', 'BCRYPT_COST'],
  ['bcrypt_cost', 'BCRYPT_COST'],
  ['LOGLEVEL', 'LOG_LEVEL'],
  ['JWT_ISUER', 'JWT_ISSUER'],
  ['JWT_PRIVATE_KEY', 'JWT_PRIVATE_KEY_FILE'],
  ['TLS_CERT', 'TLS_CERT_FILE'],
  ['CORS_ORIGINS', 'CORS_ORIGIN'],
  ['ACCES_TOKEN_TTL', 'ACCESS_TOKEN_TTL']
] as const) {
  t.test(`a mistyped name stops the start: ${name}`, async t => {
    t.throws(() => loadConfig(['PORT'], { [name]: '10' }), {
      name: 'StartupError', message: `Configuration: ${name} is not a setting; did you mean ${meant}?`
    })
  })
}

t.test('variables of other programs are ignored', async t => {
  const env = {
    PATH: '/bin',
    HOME: '/root',
    HOSTNAME: 'web-1',
    TZ: 'UTC',
    NODE_ENV: 'production',
    DATA_HOME: '/x',
    PORTS: '1',
    AUTH_SERVICE_HOST: '10.0.0.1',
    AUTH_SERVICE_PORT: '3001',
    AUTH_PORT_3001_TCP: 'tcp://10.0.0.1:3001',
    EVENT_SERVICE_PORT_HTTP: '1',
    OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
    MONGO_URL: 'x',
    MONGODB_CACHE_GB: '1',
    ACCESS_TOKEN: 'x',
    REFRESH_TOKEN: 'x',
    ADMIN_PASSWORD_FILE: '',
    npm_config_loglevel: 'warn',
    npm_package_name: 'laurel',
    TLS_DIR: '/tls',
    OTEL_EXPORTER_OTLP_HEADERS: 'x',
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'x',
    OTEL_RESOURCE_ATTRIBUTES: 'x',
    MONGOD: '/x'
  }
  t.same(loadConfig(['PORT'], env), { PORT: 3000 })
})

t.test('the database of a service takes precedence over the shared one', async t => {
  t.equal(requireMongoUri('mongodb://own', 'mongodb://common', 'AUTH_MONGODB_URI'), 'mongodb://own')
  t.equal(requireMongoUri(undefined, 'mongodb://common', 'AUTH_MONGODB_URI'), 'mongodb://common')
  t.throws(() => requireMongoUri(undefined, undefined, 'AUTH_MONGODB_URI'), {
    name: 'StartupError', message: /^Configuration: MONGODB_URI or AUTH_MONGODB_URI is required/
  })
})
