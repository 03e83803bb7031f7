import t from 'tap'
import { readConfig } from '../../src/config.ts'

t.test('the defaults are the documented ones', async t => {
  t.same(readConfig({}), {
    HOST: '127.0.0.1',
    PORT: 3000,
    AUTH_URL: 'http://127.0.0.1:3001',
    EVENT_URL: 'http://127.0.0.1:3002',
    JWT_ISSUER: 'laurel',
    JWT_AUDIENCE: 'laurel-api',
    OTEL_TRACES_SAMPLER_ARG: 1,
    LOG_LEVEL: 'info',
    RATE_LIMIT_PER_MINUTE: 600,
    LOGIN_LIMIT_PER_MINUTE: 30
  })
})

for (const [name, value] of [
  ['PORT', 'eighty'],
  ['PORT', '65536'],
  ['PORT', '-1'],
  ['LOG_LEVEL', 'loud'],
  ['AUTH_URL', 'localhost:3001'],
  ['AUTH_URL', '4711'],
  ['EVENT_URL', 'mailto:someone@example.com'],
  ['EVENT_URL', 'ftp://127.0.0.1'],
  ['EVENT_URL', 'http://user:secret@127.0.0.1:3002'],
  ['EVENT_URL', 'http://127.0.0.1:99999'],
  ['EVENT_URL', 'http://127.0.0.1:3002/base'],
  ['EVENT_URL', 'http://127.0.0.1:3002/?x=1']
] as const) {
  t.test(`an invalid ${name} stops the start with one line that names it but not its value: ${value}`, async t => {
    const message = new RegExp(`^Configuration: ${name} .+$`)
    const error = t.throws(() => readConfig({ [name]: value }), { name: 'StartupError', message })
    t.notMatch((error as Error).message, value)
  })
}
