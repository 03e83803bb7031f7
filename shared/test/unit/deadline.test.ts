import { createService } from '@laurel/shared/http'
import t from 'tap'

t.test('503 if a handler does not answer in time', async t => {
  const app = createService({ name: 'slow', logLevel: 'silent', translateError: () => undefined, handlerTimeout: 50 })
  t.teardown(async () => { await app.close() })
  app.get('/stuck', async () => await new Promise(() => undefined))
  const response = await app.inject('/stuck')
  t.equal(response.statusCode, 503)
  t.equal(response.headers['retry-after'], '1')
  t.match(response.json(), { code: 'SERVICE_UNAVAILABLE' })
})
