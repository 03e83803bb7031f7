import t from 'tap'
import { startGateway } from './support/gateway.ts'

const origin = 'https://app.example.com'
const preflight = { origin, 'access-control-request-method': 'PATCH', 'access-control-request-headers': 'authorization, if-match' }

t.test('without CORS_ORIGIN nobody is allowed anything', async t => {
  const { app, issuer } = await startGateway(t)
  const answer = await app.inject({ url: '/v1/events', headers: { origin, authorization: `Bearer ${issuer.tokenOf('USER')}` } })
  t.equal(answer.statusCode, 200)
  t.notMatch(Object.keys(answer.headers).join(), 'access-control')
  t.match(await app.inject({ method: 'OPTIONS', url: '/v1/events', headers: preflight }), { statusCode: 405, headers: { allow: 'GET, POST' } })
})

t.test('the origins of CORS_ORIGIN', async t => {
  const { app, issuer, upstream } = await startGateway(t, undefined, { CORS_ORIGIN: `${origin}, http://127.0.0.1:8080` })

  t.test('a page of one of them may ask, and read what it needs', async t => {
    for (const allowed of [origin, 'http://127.0.0.1:8080']) {
      const asked = await app.inject({ method: 'OPTIONS', url: '/v1/events/e-1', headers: { ...preflight, origin: allowed } })
      t.match(asked, {
        statusCode: 204,
        body: '',
        headers: { 'access-control-allow-origin': allowed, 'access-control-allow-methods': /PATCH/, 'access-control-allow-headers': /authorization.*if-match/, 'access-control-max-age': '600', vary: /Origin/ }
      })
      t.notOk(asked.headers['access-control-allow-credentials'])
    }
    t.same(upstream.arrivals, [])
    const answer = await app.inject({ url: '/v1/events', headers: { origin, authorization: `Bearer ${issuer.tokenOf('USER')}` } })
    t.match(answer, { statusCode: 200, headers: { 'access-control-allow-origin': origin, 'access-control-expose-headers': /etag.*retry-after.*x-request-id/ } })
    t.match(await app.inject({ url: '/v1/events', headers: { origin } }), { statusCode: 401, headers: { 'access-control-allow-origin': origin } }, 'it may read refusals, too')
    t.match(await app.inject({ url: '/v1/nothing', headers: { origin } }), { statusCode: 404, headers: { 'access-control-allow-origin': origin } })
  })

  t.test('a page of another may not', async t => {
    for (const other of ['https://evil.example', 'null', `${origin}.evil.example`, 'http://app.example.com']) {
      const answer = await app.inject({ method: 'OPTIONS', url: '/v1/events', headers: { ...preflight, origin: other } })
      t.notOk(answer.headers['access-control-allow-origin'], other)
    }
  })

  t.test('405 and 404 stay what they were, also for an OPTIONS that is no preflight', async t => {
    for (const headers of [{}, { origin }]) {
      t.match(await app.inject({ method: 'OPTIONS', url: '/v1/events', headers }), { statusCode: 405, headers: { allow: 'GET, POST', 'content-type': /problem/ } })
      t.match(await app.inject({ method: 'OPTIONS', url: '/v1/nothing', headers }), { statusCode: 404 })
    }
    t.match(await app.inject({ url: '/v1/nothing' }), { statusCode: 404 })
    t.match(await app.inject({ method: 'PUT', url: '/v1/events' }), { statusCode: 405, headers: { allow: 'GET, POST' } })
  })
})
