import { createService } from '@laurel/shared/http'
import t from 'tap'

t.test('503: a handler that does not answer in its time is answered for', async t => {
  const app = createService({ name: 'a-service', logLevel: 'silent', translate: () => undefined, handlerTimeout: 50 })
  t.teardown(async () => { await app.close() })
  app.get('/stuck', async () => await new Promise(() => undefined))
  const answer = await app.inject('/stuck')
  t.equal(answer.statusCode, 503)
  t.equal(answer.headers['retry-after'], '1')
  t.match(answer.json(), { code: 'SERVICE_UNAVAILABLE' })
})
