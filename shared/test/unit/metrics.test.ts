import t from 'tap'
import { Anything, echoService } from '../support/service.ts'

t.test('/metrics counts responses by method, route and status; no label comes from a client', async t => {
  const app = echoService(Anything)
  app.get('/v1/things/:thingId', async () => ({}))
  await app.inject({ method: 'POST', url: '/', payload: {} })
  for (const id of ['canary-1', 'canary-2']) await app.inject(`/v1/things/${id}`)
  await app.inject('/canary-nowhere')
  const { statusCode, headers, body } = await app.inject('/metrics')
  t.equal(statusCode, 200)
  t.match(headers['content-type'], /^text\/plain; version=0\.0\.4/)
  t.match(body, 'laurel_request_seconds_count{method="POST",route="/",status="200"} 1')
  t.match(body, 'laurel_request_seconds_count{method="GET",route="/v1/things/:thingId",status="200"} 2')
  t.match(body, 'laurel_request_seconds_count{method="GET",route="none",status="404"} 1')
  t.match(body, /^process_resident_memory_bytes \d+$/m)
  t.match(body, /^nodejs_eventloop_lag_p99_seconds /m)
  t.notMatch(body, 'canary')
})

t.test('two servers in one process have separate metrics', async t => {
  const [one, two] = [echoService(Anything), echoService(Anything)]
  await one.inject('/nowhere')
  t.match((await one.inject('/metrics')).body, 'route="none"')
  t.notMatch((await two.inject('/metrics')).body, 'route="none"')
})
