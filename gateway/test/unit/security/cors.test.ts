import t from 'tap'
import { startGateway } from '../../support/gateway.ts'

const origin = 'https://app.example.com'
const preflight = {
  origin,
  'access-control-request-method': 'PATCH',
  'access-control-request-headers': 'authorization, if-match'
}

t.test('without CORS_ORIGIN no page of another origin may call the API', async t => {
  const { app, issuer } = await startGateway(t)
  const headers = { origin, authorization: `Bearer ${issuer.tokenOf('USER')}` }
  const answer = await app.inject({ url: '/v1/events', headers })
  t.equal(answer.statusCode, 200)
  t.notMatch(Object.keys(answer.headers).join(), 'access-control')
  const refused = await app.inject({ method: 'OPTIONS', url: '/v1/events', headers: preflight })
  t.match(refused, { statusCode: 405, headers: { allow: 'GET, HEAD, POST' } })
})

t.test('with CORS_ORIGIN', async t => {
  const env = { CORS_ORIGIN: `${origin}, http://127.0.0.1:8080` }
  const { app, issuer, upstream } = await startGateway(t, { env })

  t.test('a page of a listed origin may send requests and read what it needs', async t => {
    for (const allowed of [origin, 'http://127.0.0.1:8080']) {
      const headers = { ...preflight, origin: allowed }
      const answer = await app.inject({ method: 'OPTIONS', url: '/v1/events/e-1', headers })
      t.match(answer, {
        statusCode: 204,
        body: '',
        headers: {
          'access-control-allow-origin': allowed,
          'access-control-allow-methods': /PATCH/,
          'access-control-allow-headers': /authorization.*if-match/,
          'access-control-max-age': '600',
          vary: /Origin/
        }
      })
      t.notOk(answer.headers['access-control-allow-credentials'])
    }
    t.same(upstream.arrivals, [])
    const headers = { origin, authorization: `Bearer ${issuer.tokenOf('USER')}` }
    t.match(await app.inject({ url: '/v1/events', headers }), {
      statusCode: 200,
      headers: {
        'access-control-allow-origin': origin,
        'access-control-expose-headers': /etag.*retry-after.*x-request-id/
      }
    })
  })

  t.test('a page of a listed origin may read errors too', async t => {
    for (const [url, statusCode] of [['/v1/events', 401], ['/v1/nothing', 404]] as const) {
      const answer = await app.inject({ url, headers: { origin } })
      t.match(answer, { statusCode, headers: { 'access-control-allow-origin': origin } })
    }
  })

  t.test('a page of another origin may neither send requests nor read responses', async t => {
    for (const other of ['https://evil.example', 'null', `${origin}.evil.example`, 'http://app.example.com']) {
      const headers = { ...preflight, origin: other }
      const answer = await app.inject({ method: 'OPTIONS', url: '/v1/events', headers })
      t.notOk(answer.headers['access-control-allow-origin'], other)
    }
  })

  t.test('405 and 404 stay the same, even for an OPTIONS request that is not a preflight', async t => {
    for (const headers of [{}, { origin }]) {
      const refused = await app.inject({ method: 'OPTIONS', url: '/v1/events', headers })
      t.match(refused, { statusCode: 405, headers: { allow: 'GET, HEAD, POST', 'content-type': /problem/ } })
      t.match(await app.inject({ method: 'OPTIONS', url: '/v1/nothing', headers }), { statusCode: 404 })
    }
    t.match(await app.inject({ url: '/v1/nothing' }), { statusCode: 404 })
    const refused = await app.inject({ method: 'PUT', url: '/v1/events' })
    t.match(refused, { statusCode: 405, headers: { allow: 'GET, HEAD, POST' } })
  })
})
