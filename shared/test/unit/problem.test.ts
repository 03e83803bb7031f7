import { Strict } from '@laurel/shared/contracts'
import { DomainError, invalidField, type ErrorKind } from '@laurel/shared/errors'
import { etagOf, parseIfMatch, sendProblem } from '@laurel/shared/http'
import t from 'tap'
import { Type } from 'typebox'
import { isPlainPath } from '../../src/http/hardening/paths.ts'
import { createProblem } from '../../src/http/problem/problem.ts'
import { quietService } from '../support/service.ts'

const statuses: ReadonlyArray<readonly [kind: ErrorKind, status: number, title: string]> = [
  ['invalid', 400, 'Bad Request'],
  ['unauthenticated', 401, 'Unauthorized'],
  ['forbidden', 403, 'Forbidden'],
  ['not-found', 404, 'Not Found'],
  ['conflict', 409, 'Conflict'],
  ['stale', 412, 'Precondition Failed'],
  ['unprocessable', 422, 'Unprocessable Entity'],
  ['too-many', 429, 'Too Many Requests'],
  ['unavailable', 503, 'Service Unavailable']
]

for (const [kind, status, title] of statuses) {
  t.test(`${status} for a refusal of kind ${kind}: a complete problem document`, async t => {
    const app = quietService()
    app.get('/', async () => { throw new DomainError(kind, 'SOME_CODE', 'A sentence for a person.') })
    const response = await app.inject('/')
    t.equal(response.statusCode, status)
    t.match(response.headers['content-type'], /^application\/problem\+json/)
    t.equal(response.headers['cache-control'], 'no-store')
    const { requestId, ...rest } = response.json()
    t.same(rest, { type: 'about:blank', title, status, detail: 'A sentence for a person.', code: 'SOME_CODE' })
    t.equal(requestId, response.headers['x-request-id'])
    t.equal(response.headers['www-authenticate'], status === 401 ? 'Bearer' : undefined)
    t.equal(response.headers['retry-after'], status === 429 || status === 503 ? '1' : undefined)
  })
}

t.test('Retry-After is an integer of seconds, at least 1', async t => {
  for (const [retryAfter, header] of [[0, '1'], [0.2, '1'], [1, '1'], [1.2, '2'], [900, '900']] as const) {
    const app = quietService()
    app.get('/', async () => { throw new DomainError('too-many', 'SLOW_DOWN', 'Later.', { retryAfter }) })
    t.equal((await app.inject('/')).headers['retry-after'], header)
  }
})

t.test('a refusal can have field errors and additional members', async t => {
  const app = quietService()
  const members = { claim: { id: 'c-1' } }
  app.get('/field', async () => { throw invalidField('/startsAt', 'must be before endsAt') })
  app.get('/members', async () => { throw new DomainError('conflict', 'ALREADY_CLAIMED', 'Once.', { members }) })
  t.match((await app.inject('/field')).json(), {
    status: 400, code: 'VALIDATION_FAILED', errors: [{ pointer: '/startsAt', detail: 'must be before endsAt' }]
  })
  t.match((await app.inject('/members')).json(), { status: 409, code: 'ALREADY_CLAIMED', claim: { id: 'c-1' } })
})

t.test('a status without a registered name has the title Error', async t => {
  t.match(createProblem(499, 'A_CODE', 'A sentence.', 'an-id'), { title: 'Error', status: 499 })
})

for (const [name, error] of Object.entries({
  'an Error': new Error('canary-secret'),
  'an Error with a status': Object.assign(new Error('canary-secret'), { statusCode: 502 }),
  'an Error of a library': Object.assign(new Error('canary-secret at 10.0.0.7:27017'), { code: 'ECONNREFUSED' }),
  'an Error with a status below 400': Object.assign(new Error('canary-secret'), { statusCode: 200 })
})) {
  t.test(`500 that discloses nothing: ${name}`, async t => {
    const app = quietService()
    app.get('/', async () => { throw error })
    const response = await app.inject('/')
    t.equal(response.statusCode, 500)
    const problem = {
      type: '/docs/errors/INTERNAL_ERROR', title: 'Internal error', code: 'INTERNAL_ERROR', detail: 'Internal error'
    }
    t.match(response.json(), problem)
    t.notMatch(response.body, /canary|stack|ECONN|10\.0\.0/)
  })
}

t.test('500 for a response that violates its contract; unknown properties are removed', async t => {
  const app = quietService()
  const incomplete = { 200: Strict({ id: Type.String(), at: Type.Integer() }) }
  app.get('/', { schema: { response: incomplete } }, async () => ({ id: 'x' }) as never)
  const response = { 200: Strict({ id: Type.String() }) }
  app.get('/more', { schema: { response } }, async () => ({ id: 'x', passwordHash: 'canary-secret' }))
  t.match((await app.inject('/')).json(), { status: 500, code: 'INTERNAL_ERROR' })
  t.same((await app.inject('/more')).json(), { id: 'x' })
})

t.test('an error of a library can be translated into a refusal', async t => {
  const away = new DomainError('unavailable', 'SERVICE_UNAVAILABLE', 'Not now.', { retryAfter: 2 })
  const app = quietService(error => (error as Error).message === 'away' ? away : undefined)
  app.get('/:message', async ({ params }) => { throw new Error((params as { message: string }).message) })
  t.match(await app.inject('/away'), { statusCode: 503, headers: { 'retry-after': '2' } })
  t.match(await app.inject('/bug'), { statusCode: 500 })
})

t.test('404 and 405 are problem documents', async t => {
  const app = quietService()
  app.get('/a.b/:id', async () => ({}))
  app.post('/a.b/:id', async () => ({}))
  const notFound = { status: 404, code: 'NOT_FOUND', detail: 'There is no resource at this path.' }
  t.match((await app.inject('/a.b')).json(), notFound)
  t.match(await app.inject('/axb/1'), { statusCode: 404 })
  const response = await app.inject({ method: 'DELETE', url: '/a.b/1?x=/' })
  const headers = { allow: 'GET, HEAD, POST', 'content-type': /^application\/problem\+json/ }
  t.match(response, { statusCode: 405, headers })
  t.match(response.json(), { code: 'METHOD_NOT_ALLOWED', detail: 'Allowed methods: GET, HEAD, POST.' })
  t.match(await app.inject({ method: 'POST', url: '/a.b/1/2' }), { statusCode: 404 })
})

t.test('404, not 405, if a route itself finds nothing', async t => {
  const app = quietService()
  app.get('/files/*', async (_request, reply) => { reply.callNotFound() })
  t.match(await app.inject('/files/x'), { statusCode: 404 })
  t.match(await app.inject({ method: 'PUT', url: '/files/x' }), { statusCode: 405, headers: { allow: 'GET, HEAD' } })
})

t.test('405: a static path has its own methods, not the methods of a path with an id', async t => {
  const app = quietService()
  app.get('/v1/things/:thingId', async () => ({}))
  app.post('/v1/things/review', async () => ({}))
  const put = async (url: string) => await app.inject({ method: 'PUT', url })
  t.match(await put('/v1/things/review'), { statusCode: 405, headers: { allow: 'POST' } })
  t.match(await put('/v1/things/other'), { statusCode: 405, headers: { allow: 'GET, HEAD' } })
})

t.test('a plain path has nothing to decode, no empty segment and no dot segment', async t => {
  for (const path of [
    '/', '/a', '/a/b.c-d_E9', '/a/...', '/.well-known/jwks.json', '/a/..b', '/a?b=../%00//', '/docs/', '/docs/?x'
  ]) t.ok(isPlainPath(path), path)
  for (const path of [
    '', 'a', '*', '?/a', '//', '//a', '/a//b', '/a/', '/a/?b', '/docs//', '/..', '/.', '/a/..', '/a/../b', '/a/.',
    '/a/./b', '/a/%62', '/%', '/a;b', '/a/b%2fc', '/é', '/a+b', '/a,b', '/a@b', '/a:b', '/a*', '/a#b', '/a\\b', '/a b',
    '/a\n', 'http://laurel/a', 'https:/a'
  ]) t.notOk(isPlainPath(path), path)
})

t.test('a service accepts the request id of the gateway, or creates one', async t => {
  const app = quietService()
  app.get('/', async ({ id }) => ({ id }))
  const valid = '01234567-89ab-4cde-8f01-23456789abcd'
  for (const [sent, accepted] of [
    [valid, true], ['x', false], [`${valid}0`, false], [valid.toUpperCase(), false], ['"; drop', false]
  ] as const) {
    const response = await app.inject({ url: '/', headers: { 'x-request-id': sent } })
    t.equal(response.json().id === sent, accepted, sent)
    t.equal(response.headers['x-request-id'], response.json().id)
    t.match(response.json().id, /^[0-9a-f-]{36}$/)
  }
})

t.test('a handler can send a problem itself', async t => {
  const app = quietService()
  app.get('/', (_request, reply) => sendProblem(reply, 401, 'INVALID_CREDENTIALS', 'No.', { members: { more: 1 } }))
  t.match(await app.inject('/'), { statusCode: 401, headers: { 'www-authenticate': 'Bearer' } })
})

t.test('If-Match matches a version in a list of strong tags, or any version', async t => {
  t.equal(etagOf(3), '"3"')
  for (const header of [undefined, '*', ' * ', '"3"', '"1", "3"', '"1","3" ,"9"']) {
    t.equal(parseIfMatch(header)(3), true, String(header))
  }
  for (const header of ['', '"2"', '3', 'W/"3"', '"3', '"33"', '"1", W/"3"', '**', '*, "2"']) {
    t.equal(parseIfMatch(header)(3), false, header)
  }
})
