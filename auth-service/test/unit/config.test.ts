import t from 'tap'
import { readConfig } from '../../src/config.ts'

t.test('the settings have the documented defaults', async t => {
  t.strictSame(readConfig({ MONGODB_URI: 'mongodb://127.0.0.1/' }), {
    HOST: '127.0.0.1',
    AUTH_PORT: 3001,
    EVENT_URL: 'http://127.0.0.1:3002',
    MONGODB_URI: 'mongodb://127.0.0.1/',
    DATA_DIR: '.data',
    JWT_ISSUER: 'laurel',
    JWT_AUDIENCE: 'laurel-api',
    ACCESS_TOKEN_TTL: 900,
    REFRESH_TOKEN_TTL: 2_592_000,
    REFRESH_IDLE_TTL: 1_209_600,
    ADMIN_EMAIL: 'admin@example.com',
    BCRYPT_COST: 12,
    OTEL_TRACES_SAMPLER_ARG: 1,
    LOG_LEVEL: 'info',
    mongoUri: 'mongodb://127.0.0.1/'
  })
  const both = { MONGODB_URI: 'mongodb://common/', AUTH_MONGODB_URI: 'mongodb://own/' }
  t.match(readConfig(both), { mongoUri: 'mongodb://own/' })
})

t.test('an invalid setting stops the start with one line that names it and never its value', async t => {
  const uri = { MONGODB_URI: 'mongodb://127.0.0.1/' }
  for (const [name, value] of [
    ['BCRYPT_COST', '3'],
    ['BCRYPT_COST', '16'],
    ['BCRYPT_COST', 'twelve'],
    ['ACCESS_TOKEN_TTL', '9'],
    ['REFRESH_TOKEN_TTL', '59'],
    ['REFRESH_IDLE_TTL', '0'],
    ['AUTH_PORT', '65536'],
    ['ADMIN_EMAIL', 'nobody'],
    ['ADMIN_PASSWORD', 'seven77'],
    ['EVENT_URL', 'event-service'],
    ['LOG_LEVEL', 'loud'],
    ['AUTH_MONGODB_URI', 'http://value-of-it/']
  ] as const) {
    const message = new RegExp(`^Configuration: ${name} [^\\n]+$`)
    const error = t.throws(
      () => readConfig({ ...uri, [name]: value }), { name: 'StartupError', message }, `${name} ${value}`
    )
    t.notMatch(String(error), new RegExp(`seven77|value-of-it|${value.length > 4 ? value : 'nothing else'}`))
  }
  t.throws(() => readConfig({}), {
    name: 'StartupError', message: /^Configuration: MONGODB_URI or AUTH_MONGODB_URI is required/
  })
})
