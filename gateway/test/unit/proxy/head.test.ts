import t from 'tap'
import { publicContracts } from '@laurel/shared/contracts'
import { rawRequest, sendRaw } from '../../../../test/kit/http/socket.ts'
import { startGateway } from '../../support/gateway.ts'

const { port, upstream, issuer } = await startGateway(t)

async function send (line: string, headers: readonly string[] = []) {
  return await sendRaw(port, rawRequest(line, headers))
}

/** The status and the headers that GET and HEAD must have in common. */
function comparable ({ status, head }: { status: number, head: string }) {
  const lines = head.split('\r\n').filter(line => !/^(date|x-request-id|http|ratelimit)/.test(line))
  return { status, headers: lines.sort() }
}

t.test('HEAD has the status and the headers of GET and no body, for every operation that has GET', async t => {
  upstream.answer = (request, response) => {
    const body = '{"some":"object"}'
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length, etag: '"1"' })
    response.end(request.method === 'HEAD' ? undefined : body)
  }
  for (const { method, url, access } of publicContracts) {
    // The server behind the gateway handles requests for the keys itself.
    if (method !== 'GET' || url === '/.well-known/jwks.json') continue
    const role = Array.isArray(access) ? access[0] : undefined
    const headers = role === undefined ? [] : [`authorization: Bearer ${issuer.tokenOf(role)}`]
    const path = url.replaceAll(/:[A-Za-z]+/g, 'id-1')
    const [get, head] = [await send(`GET ${path}`, headers), await send(`HEAD ${path}`, headers)]
    t.same(comparable(head), comparable(get), path)
    t.equal(head.body, '')
    t.not(get.body, '')
    t.same(upstream.arrivals.splice(0).map(({ method }) => method), ['GET', 'HEAD'])
  }
})

t.test('HEAD has no content-length if the service sends none, or the one of a long response', async t => {
  const body = 'x'.repeat(300 * 1024)
  for (const headers of [{}, { 'content-length': String(body.length) }]) {
    upstream.answer = (request, response) => {
      response.writeHead(200, { 'content-type': 'text/csv', ...headers }).end(request.method === 'HEAD' ? '' : body)
    }
    const credentials = [`authorization: Bearer ${issuer.tokenOf('ADMIN')}`]
    const [get, head] = [await send('GET /v1/users', credentials), await send('HEAD /v1/users', credentials)]
    // A response to HEAD need not have it (RFC 9112, 6.1).
    const isKept = (line: string) => line !== 'transfer-encoding: chunked'
    t.same(comparable(head).headers, comparable(get).headers.filter(isKept))
    t.equal(head.body, '')
  }
  upstream.arrivals.length = 0
})

t.test('HEAD has the same errors as GET', async t => {
  const user = `authorization: Bearer ${issuer.tokenOf('USER')}`
  for (const [path, headers, status] of [
    ['/v1/events', [], 401],
    ['/v1/claims', [user], 403],
    ['/v1/nothing', [user], 404]
  ] as const) {
    const [get, head] = [await send(`GET ${path}`, headers), await send(`HEAD ${path}`, headers)]
    t.equal(head.status, status)
    t.same(comparable(head), comparable(get), path)
    t.equal(head.body, '')
  }
  t.same(upstream.arrivals, [])
})

t.test('HEAD works for the gateway\'s own paths', async t => {
  for (const path of ['/health/live', '/health/ready', '/openapi.json', '/', '/docs', '/docs/errors/NOT_FOUND']) {
    const [get, head] = [await send(`GET ${path}`), await send(`HEAD ${path}`)]
    t.same(comparable(head), comparable(get), path)
    t.equal(head.body, '')
  }
})
