import { mock } from 'node:test'
import { addHealthRoutes, type HealthCheck, type HealthOptions } from '@laurel/shared/http'
import t from 'tap'
import { quietService } from '../support/service.ts'

const passes: HealthCheck = async () => undefined
const fails: HealthCheck = async () => { throw new Error('canary at 10.0.0.7') }
const hangs: HealthCheck = async () => await new Promise(() => undefined)

function serviceWith (options: HealthOptions) {
  const app = quietService()
  addHealthRoutes(app, options)
  return app
}

t.test('200: the server is ready while all dependencies are available, each by its name', async t => {
  const response = await serviceWith({ required: { mongodb: passes, other: passes } }).inject('/health/ready')
  t.equal(response.statusCode, 200)
  t.same(response.json(), { status: 'ok', checks: { mongodb: 'ok', other: 'ok' } })
})

t.test('503 names each dependency that fails or does not respond in time, without the reason', async t => {
  const app = serviceWith({ required: { mongodb: fails, other: passes, third: hangs }, timeout: 50 })
  const response = await app.inject('/health/ready')
  t.match(response, { statusCode: 503, headers: { 'retry-after': '1' } })
  const checks = { mongodb: 'down', other: 'ok', third: 'down' }
  const detail = 'Not available: mongodb, third; retry later.'
  t.match(response.json(), { status: 503, code: 'NOT_READY', detail, checks })
  t.notMatch(response.body, /canary|10\.0/)
})

t.test('200: an optional dependency is reported and may be missing', async t => {
  const app = serviceWith({ required: { mongodb: passes }, optional: { redis: fails } })
  const response = await app.inject('/health/ready')
  t.equal(response.statusCode, 200)
  t.same(response.json(), { status: 'ok', checks: { mongodb: 'ok', redis: 'down' } })
})

t.test('requests within half a second share one check', async t => {
  mock.timers.enable({ apis: ['Date'], now: Date.now() })
  t.teardown(() => { mock.timers.reset() })
  let checks = 0
  const app = serviceWith({ required: { mongodb: async () => { checks += 1 } } })
  await Promise.all(Array.from({ length: 50 }, async () => await app.inject('/health/ready')))
  mock.timers.tick(500)
  await app.inject('/health/ready')
  t.equal(checks, 1)
  mock.timers.tick(1)
  await app.inject('/health/ready')
  t.equal(checks, 2)
})

t.test('200: the server is live even if dependencies are missing', async t => {
  const response = await serviceWith({ required: { mongodb: fails } }).inject('/health/live')
  t.equal(response.statusCode, 200)
  t.same(response.json(), { status: 'ok' })
})
