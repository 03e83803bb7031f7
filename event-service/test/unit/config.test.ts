import { StartupError } from '@laurel/shared/errors'
import t from 'tap'
import { readConfig } from '../../src/config.ts'

const uri = 'mongodb://127.0.0.1:27017/?replicaSet=rs'

t.test('MONGODB_URI is the only setting without a default', async t => {
  t.strictSame({ ...readConfig({ MONGODB_URI: uri }) }, {
    HOST: '127.0.0.1',
    EVENT_PORT: 3002,
    AUTH_URL: 'http://127.0.0.1:3001',
    MONGODB_URI: uri,
    JWT_ISSUER: 'laurel',
    JWT_AUDIENCE: 'laurel-api',
    TIME_ZONE: 'UTC',
    OTEL_TRACES_SAMPLER_ARG: 1,
    LOG_LEVEL: 'info',
    mongoUri: uri
  })
  t.equal(readConfig({ MONGODB_URI: uri, ACTIVITY_RETENTION_DAYS: '400' }).ACTIVITY_RETENTION_DAYS, 400)
  t.throws(() => readConfig({}), { name: 'StartupError', message: /EVENT_MONGODB_URI is required/ })
})

t.test('EVENT_MONGODB_URI takes precedence over MONGODB_URI', async t => {
  t.equal(readConfig({ MONGODB_URI: 'mongodb://elsewhere', EVENT_MONGODB_URI: uri }).mongoUri, uri)
})

t.test('an invalid TIME_ZONE stops the start with one line that names the variable and not its value', async t => {
  for (const zone of ['UTC', 'Asia/Seoul', 'America/Argentina/Buenos_Aires', 'Etc/GMT+5']) {
    t.equal(readConfig({ MONGODB_URI: uri, TIME_ZONE: zone }).TIME_ZONE, zone)
  }
  t.equal(readConfig({ MONGODB_URI: uri, TIME_ZONE: '' }).TIME_ZONE, 'UTC', 'an empty value counts as unset')
  const message = 'Configuration: TIME_ZONE must be a zone of the tz database, such as Asia/Seoul or UTC'
  for (const zone of ['+09:00', 'Mars/Olympus', 'UTC+9', ' UTC', 'asia/seoul', 'BST']) {
    t.throws(() => readConfig({ MONGODB_URI: uri, TIME_ZONE: zone }), new StartupError(message), zone)
  }
})
