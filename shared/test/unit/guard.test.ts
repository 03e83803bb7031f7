import { createPublicKey } from 'node:crypto'
import { accessClaims, callerOf, createTokenVerifier, guard, toPublicJwk } from '@laurel/shared/tokens'
import t from 'tap'
import { eventually } from '../../../test/kit/run/eventually.ts'
import { createIssuer } from '../../../test/kit/tokens/issuer.ts'
import { testKey } from '../../../test/kit/tokens/keys.ts'
import { quietService } from '../support/service.ts'

const issuer = createIssuer()
const other = createIssuer(testKey(1))
const profile = { typ: 'at+jwt', issuer: 'laurel', audience: 'laurel-api', requiredClaims: accessClaims }

async function startGuarded (refreshKeys?: () => Promise<boolean>) {
  const access = createTokenVerifier(profile)
  access.setKeys([issuer.jwk])
  const app = quietService()
  await app.register(guard, { access, ...(refreshKeys === undefined ? {} : { refreshKeys }) })
  app.get('/public', { config: { access: 'public' } }, async ({ caller }) => ({ caller }))
  app.get('/public/careless', { config: { access: 'public' } }, async request => callerOf(request))
  app.get('/operators', { config: { access: ['OPERATOR', 'ADMIN'] } }, async request => callerOf(request))
  app.post('/operators', { config: { access: ['OPERATOR', 'ADMIN'] } }, async request => callerOf(request))
  app.get('/nobody', { config: { access: [] } }, async () => ({ open: true }))
  app.get('/internal', { config: { access: 'internal' } }, async () => ({ open: true }))
  app.get('/undeclared', async () => ({ open: true }))
  const call = async (url: string, token?: string, method: 'GET' | 'POST' = 'GET') =>
    await app.inject({ method, url, headers: token === undefined ? {} : { authorization: `Bearer ${token}` } })
  return { access, call }
}

t.test('the caller of a request comes from its token: id, role and session', async t => {
  const { call } = await startGuarded()
  const token = issuer.token({ sub: 'u-1', role: 'OPERATOR', sid: 's-1' })
  t.same((await call('/operators', token)).json(), { id: 'u-1', role: 'OPERATOR', sessionId: 's-1' })
})

t.test('401 for a token with an invalid claim, which auth-service would only sign because of a bug', async t => {
  const { call } = await startGuarded()
  for (const claims of [{ sub: 'kim@example.com' }, { sub: 1 }, { role: 'KING' }, { sid: '' }]) {
    const response = await call('/operators', issuer.token({ role: 'OPERATOR', ...claims }))
    t.equal(response.statusCode, 401, JSON.stringify(claims))
  }
})

t.test('200: a public operation has no caller, even with a token', async t => {
  const { call } = await startGuarded()
  for (const token of [undefined, issuer.token(), 'a.b.c', other.token()]) {
    t.same((await call('/public', token)).json(), { caller: null })
  }
})

t.test('404 for a path without a route, with or without a token', async t => {
  const { call } = await startGuarded()
  for (const token of [undefined, issuer.token(), 'a.b.c']) t.equal((await call('/nowhere', token)).statusCode, 404)
})

t.test('403 for a role that is not allowed, before the body is read', async t => {
  const { call } = await startGuarded()
  for (const role of ['USER', 'AUDITOR', 'SERVICE'] as const) {
    const detail = `The role ${role} is not allowed to call this operation.`
    const problem = { status: 403, code: 'FORBIDDEN', detail }
    for (const method of ['GET', 'POST'] as const) {
      t.match((await call('/operators', issuer.tokenOf(role), method)).json(), problem)
    }
  }
  t.match(await call('/nobody', issuer.tokenOf('ADMIN')), { statusCode: 403 })
})

t.test('401 with WWW-Authenticate without a token', async t => {
  const { call } = await startGuarded()
  const headers = { 'www-authenticate': 'Bearer', 'content-type': /^application\/problem\+json/ }
  t.match(await call('/operators'), { statusCode: 401, headers })
})

t.test('500 for a route that declares no access: it is never open', async t => {
  const { call } = await startGuarded()
  for (const token of [undefined, issuer.tokenOf('ADMIN')]) {
    t.match((await call('/undeclared', token)).json(), { status: 500, code: 'INTERNAL_ERROR' })
  }
})

t.test('500 for a public handler that reads the caller, which is a bug', async t => {
  const { call } = await startGuarded()
  t.match(await call('/public/careless', issuer.token()), { statusCode: 500 })
})

t.test('401 for an internal operation if the server accepts no service tokens', async t => {
  const { call } = await startGuarded()
  const serviceToken = issuer.token({ aud: 'laurel-internal' }, { typ: 'svc+jwt' })
  for (const token of [undefined, issuer.token(), serviceToken]) {
    t.match(await call('/internal', token), { statusCode: 401 })
  }
})

t.test('404 and 405 need no token', async t => {
  const { call } = await startGuarded()
  t.match(await call('/nothing'), { statusCode: 404 })
  t.match(await call('/public', undefined, 'POST'), { statusCode: 405 })
})

t.test('an unknown key is fetched once; then the token is valid, or 401', async t => {
  let fetches = 0
  const { access, call } = await startGuarded(async () => {
    fetches += 1
    access.setKeys([issuer.jwk, other.jwk])
    return true
  })
  t.match(await call('/operators', issuer.token()), { statusCode: 200 })
  t.equal(fetches, 0, 'a known key is not fetched')
  t.match(await call('/operators', other.token()), { statusCode: 200 })
  t.equal(fetches, 1)
  t.match(await call('/operators', createIssuer(testKey(2)).token()), { statusCode: 401 })
  t.equal(fetches, 2)
  t.match(await call('/operators', 'no.token.here'), { statusCode: 401 })
})

t.test('401 for a cached token as soon as it expires; another token of the session stays valid', async t => {
  const { call } = await startGuarded()
  const expiresIn = (seconds: number) => issuer.token({ exp: Math.ceil(Date.now() / 1000) + seconds })
  const [soon, later] = [expiresIn(1), expiresIn(600)]
  for (const token of [soon, later, soon, later]) t.match(await call('/operators', token), { statusCode: 200 })
  await eventually(async () => (await call('/operators', soon)).statusCode === 401)
  t.match(await call('/operators', later), { statusCode: 200 })
})

t.test('setting the same keys again changes nothing; other keys are valid immediately', async t => {
  const { access, call } = await startGuarded()
  const token = issuer.token()
  for (const keys of [[issuer.jwk], [issuer.jwk], [other.jwk, issuer.jwk]]) {
    access.setKeys(keys)
    t.match(await call('/operators', token), { statusCode: 200 })
  }
  t.match(await call('/operators', other.token()), { statusCode: 200 })
})

t.test('503 for a token of an unknown key while the keys are not available', async t => {
  const { call } = await startGuarded(async () => false)
  t.match(await call('/operators', other.token()), { statusCode: 503, headers: { 'retry-after': '2' } })
  t.match(await call('/operators', issuer.token()), { statusCode: 200 })
  t.match(await call('/operators', 'no.token.here'), { statusCode: 401 })
})

t.test('401 for a token of a key that is no longer published', async t => {
  const { access, call } = await startGuarded()
  const token = issuer.token()
  t.match(await call('/operators', token), { statusCode: 200 })
  access.setKeys([other.jwk])
  t.match(await call('/operators', token), { statusCode: 401 })
})

t.test('keys that cannot be read do not replace the current ones', async t => {
  const { access, call } = await startGuarded()
  t.throws(() => { access.setKeys([other.jwk, { ...other.jwk, kty: 'EC' as 'RSA' }]) })
  t.match(await call('/operators', issuer.token()), { statusCode: 200 })
})

t.test('the kid of a published key is its thumbprint (the example of RFC 7638, 3.1)', async t => {
  const n = '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjB' +
    'ZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8' +
    'KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_' +
    'xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw'
  const jwk = toPublicJwk(createPublicKey({ key: { kty: 'RSA', n, e: 'AQAB' }, format: 'jwk' }))
  const kid = 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs'
  t.same(jwk, { kty: 'RSA', kid, use: 'sig', alg: 'RS256', n, e: 'AQAB' })
})
