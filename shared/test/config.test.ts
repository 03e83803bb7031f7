import { loadConfig, mongoUri, settings } from '@laurel/shared/config'
import t from 'tap'

t.test('every setting has the default that the document tells', async t => {
  t.same(loadConfig(settings, {}), {
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
    LOG_LEVEL: 'info'
  })
})

t.test('what is set is read, numbers as numbers; what is not ours is not there', async t => {
  const { PORT, HOST, AUTH_URL } = settings
  t.same(loadConfig({ PORT, HOST, AUTH_URL }, { PORT: '8080', HOST: '0.0.0.0', AUTH_URL: 'https://auth.example', PATH: '/bin', BCRYPT_COST: '4' }), { PORT: 8080, HOST: '0.0.0.0', AUTH_URL: 'https://auth.example' })
})

t.test('lists of addresses and origins, with spaces or without', async t => {
  const { TRUST_PROXY, CORS_ORIGIN, REDIS_URL } = settings
  const env = { TRUST_PROXY: '10.0.0.0/8, 127.0.0.1,fd00::/8', CORS_ORIGIN: 'https://app.example.com, http://127.0.0.1:8080', REDIS_URL: 'rediss://user:secret@redis:6379/1' }
  t.same(loadConfig({ TRUST_PROXY, CORS_ORIGIN, REDIS_URL }, env), env)
  t.same(loadConfig({ CORS_ORIGIN }, { CORS_ORIGIN: '*' }), { CORS_ORIGIN: '*' })
})

t.test('an empty value counts as unset', async t => {
  const { PORT, ADMIN_PASSWORD } = settings
  t.same(loadConfig({ PORT, ADMIN_PASSWORD }, { PORT: '', ADMIN_PASSWORD: '', ADMIN_PASSWORD_FILE: '' }), { PORT: 3000 })
})

t.test('the environment of this process is never read by itself', async t => {
  process.env['HOST'] = '10.9.8.7'
  const { HOST } = settings
  t.same(loadConfig({ HOST }, {}), { HOST: '127.0.0.1' })
})

const canary = 'hunter2canary'
const bad: ReadonlyArray<readonly [keyof typeof settings, string]> = [
  ['PORT', canary], ['PORT', '3000.5'], ['PORT', '70000'], ['PORT', '-1'], ['PORT', '0x10x'], ['PORT', '3000 3001'],
  ['AUTH_URL', canary], ['AUTH_URL', `http://admin:${canary}@127.0.0.1:3001`], ['AUTH_URL', '//127.0.0.1'], ['EVENT_URL', `ws://${canary}`], ['EVENT_URL', `http://127.0.0.1/${canary}`], ['EVENT_URL', 'http://127.0.0.1#x'],
  ['MONGODB_URI', canary], ['MONGODB_URI', `http://user:${canary}@127.0.0.1`], ['AUTH_MONGODB_URI', 'mongodb//x'], ['EVENT_MONGODB_URI', 'mongodb:/x'],
  ['ACCESS_TOKEN_TTL', '9'], ['ACCESS_TOKEN_TTL', '86401'], ['ACCESS_TOKEN_TTL', '15m'], ['REFRESH_TOKEN_TTL', '1'], ['REFRESH_IDLE_TTL', '0'], ['ADMIN_EMAIL', canary], ['ADMIN_PASSWORD', 'canary'], ['ADMIN_PASSWORD', canary.repeat(50)],
  ['BCRYPT_COST', '3'], ['BCRYPT_COST', '16'], ['LOG_LEVEL', canary], ['LOG_LEVEL', 'INFO'],
  ['RATE_LIMIT_PER_MINUTE', '-1'], ['LOGIN_LIMIT_PER_MINUTE', 'many'], ['METRICS_PORT', '99999'], ['REDIS_URL', `http://${canary}`], ['REDIS_URL', `redis://${canary}:port`],
  ['TRUST_PROXY', canary], ['TRUST_PROXY', '10.0.0.0/33'], ['TRUST_PROXY', '10.0.0.1,'], ['TRUST_PROXY', '10.0.0.0/8/8'], ['TRUST_PROXY', '::1/129'], ['TRUST_PROXY', '10.0.0.0/x'],
  ['CORS_ORIGIN', canary], ['CORS_ORIGIN', 'https://app.example/path'], ['CORS_ORIGIN', 'https://app.example,']
]

for (const [name, value] of bad) {
  t.test(`one line that names ${name} and not what it was: ${value.slice(0, 40)}`, async t => {
    const error = t.throws(() => loadConfig(settings, { [name]: value }), { name: 'StartupError', message: new RegExp(`^Configuration: ${name} must .+$`) }) as Error
    t.notMatch(error.message, value)
    t.notMatch(error.message, canary)
  })
}

t.test('one line names all that is wrong', async t => {
  t.throws(() => loadConfig(settings, { PORT: 'x', LOG_LEVEL: 'y' }), { message: /^Configuration: (?=.*PORT must be integer)(?=.*LOG_LEVEL must be)[^\n]+$/ })
})

t.test('a service\'s own database comes before the common one', async t => {
  t.equal(mongoUri('mongodb://own', 'mongodb://common', 'AUTH_MONGODB_URI'), 'mongodb://own')
  t.equal(mongoUri(undefined, 'mongodb://common', 'AUTH_MONGODB_URI'), 'mongodb://common')
  t.throws(() => mongoUri(undefined, undefined, 'AUTH_MONGODB_URI'), { name: 'StartupError', message: /^Configuration: MONGODB_URI or AUTH_MONGODB_URI is required/ })
})
