import { callerOf, createTokenVerifier, accessClaims, guard, toPublicJwk } from '@laurel/shared/tokens'
import { createPublicKey } from 'node:crypto'
import t from 'tap'
import { eventually } from '../../test/kit/eventually.ts'
import { createIssuer } from '../../test/kit/issuer.ts'
import { quietService } from './support/service.ts'

const issuer = createIssuer()
const other = createIssuer()

async function guarded (refreshKeys?: () => Promise<boolean>) {
  const access = createTokenVerifier({ typ: 'at+jwt', issuer: 'laurel', audience: 'laurel-api', requiredClaims: accessClaims })
  access.setKeys([issuer.jwk])
  const app = quietService()
  await app.register(guard, { access, ...(refreshKeys === undefined ? {} : { refreshKeys }) })
  app.get('/public', { config: { access: 'public' } }, async ({ caller }) => ({ caller }))
  app.get('/public/careless', { config: { access: 'public' } }, async request => callerOf(request))
  app.get('/operators', { config: { access: ['OPERATOR', 'ADMIN'] } }, async request => callerOf(request))
  app.post('/operators', { config: { access: ['OPERATOR', 'ADMIN'] } }, async request => callerOf(request))
  app.get('/nobody', { config: { access: [] } }, async () => ({ open: true }))
  app.get('/internal', { config: { access: 'internal' } }, async () => ({ open: true }))
  app.get('/forgotten', async () => ({ open: true }))
  const ask = async (url: string, token?: string, method: 'GET' | 'POST' = 'GET') =>
    await app.inject({ method, url, headers: token === undefined ? {} : { authorization: `Bearer ${token}` } })
  return { access, ask }
}

t.test('a token makes the caller: its id, role and session', async t => {
  const { ask } = await guarded()
  t.same((await ask('/operators', issuer.token({ sub: 'u-1', role: 'OPERATOR', sid: 's-1' }))).json(), { id: 'u-1', role: 'OPERATOR', sessionId: 's-1' })
})

t.test('200: a public operation knows no caller, whatever the token', async t => {
  const { ask } = await guarded()
  for (const token of [undefined, issuer.token(), 'a.b.c', other.token()]) t.same((await ask('/public', token)).json(), { caller: null })
})

t.test('404: what is not there needs no token', async t => {
  const { ask } = await guarded()
  for (const token of [undefined, issuer.token(), 'a.b.c']) t.equal((await ask('/nowhere', token)).statusCode, 404)
})

t.test('403 for a role that the operation is not for, before its body is read', async t => {
  const { ask } = await guarded()
  for (const role of ['USER', 'AUDITOR', 'SERVICE'] as const) {
    for (const method of ['GET', 'POST'] as const) t.match((await ask('/operators', issuer.tokenOf(role), method)).json(), { status: 403, code: 'FORBIDDEN', detail: `This operation is not for ${role}` })
  }
  t.match(await ask('/nobody', issuer.tokenOf('ADMIN')), { statusCode: 403 })
})

t.test('401 with WWW-Authenticate without a token', async t => {
  const { ask } = await guarded()
  t.match(await ask('/operators'), { statusCode: 401, headers: { 'www-authenticate': 'Bearer', 'content-type': /^application\/problem\+json/ } })
})

t.test('500, never open: a route that says nothing about access', async t => {
  const { ask } = await guarded()
  for (const token of [undefined, issuer.tokenOf('ADMIN')]) t.match((await ask('/forgotten', token)).json(), { status: 500, code: 'INTERNAL_ERROR' })
})

t.test('500: a public handler that asks for a caller is a bug', async t => {
  const { ask } = await guarded()
  t.match(await ask('/public/careless', issuer.token()), { statusCode: 500 })
})

t.test('401: an internal operation of a server that knows no service tokens', async t => {
  const { ask } = await guarded()
  for (const token of [undefined, issuer.token(), issuer.token({ aud: 'laurel-internal' }, { typ: 'svc+jwt' })]) t.match(await ask('/internal', token), { statusCode: 401 })
})

t.test('404 and 405 need no token: nothing is there to guard', async t => {
  const { ask } = await guarded()
  t.match(await ask('/nothing'), { statusCode: 404 })
  t.match(await ask('/public', undefined, 'POST'), { statusCode: 405 })
})

t.test('an unknown key is asked for once; then the token counts, or is 401', async t => {
  let asked = 0
  const { access, ask } = await guarded(async () => {
    asked += 1
    access.setKeys([issuer.jwk, other.jwk])
    return true
  })
  t.match(await ask('/operators', issuer.token()), { statusCode: 200 })
  t.equal(asked, 0, 'a known key is not asked for')
  t.match(await ask('/operators', other.token()), { statusCode: 200 })
  t.equal(asked, 1)
  t.match(await ask('/operators', createIssuer().token()), { statusCode: 401 })
  t.equal(asked, 2)
  t.match(await ask('/operators', 'no.token.here'), { statusCode: 401 })
})

t.test('401: a token that was right a moment ago, as soon as it has expired; others of the same session go on', async t => {
  const { ask } = await guarded()
  const [soon, later] = [1, 600].map(seconds => issuer.token({ exp: Math.ceil(Date.now() / 1000) + seconds }))
  for (const token of [soon, later, soon, later]) t.match(await ask('/operators', token), { statusCode: 200 })
  await eventually(async () => (await ask('/operators', soon)).statusCode === 401)
  t.match(await ask('/operators', later), { statusCode: 200 })
})

t.test('the same keys again change nothing, others at once', async t => {
  const { access, ask } = await guarded()
  const token = issuer.token()
  for (const keys of [[issuer.jwk], [issuer.jwk], [other.jwk, issuer.jwk]]) {
    access.setKeys(keys)
    t.match(await ask('/operators', token), { statusCode: 200 })
  }
  t.match(await ask('/operators', other.token()), { statusCode: 200 })
})

t.test('503: whether a token of an unknown key counts cannot be told while nobody gives the keys', async t => {
  const { ask } = await guarded(async () => false)
  t.match(await ask('/operators', other.token()), { statusCode: 503, headers: { 'retry-after': '2' } })
  t.match(await ask('/operators', issuer.token()), { statusCode: 200 })
  t.match(await ask('/operators', 'no.token.here'), { statusCode: 401 })
})

t.test('401: a key that is published no longer stops to count', async t => {
  const { access, ask } = await guarded()
  const token = issuer.token()
  t.match(await ask('/operators', token), { statusCode: 200 })
  access.setKeys([other.jwk])
  t.match(await ask('/operators', token), { statusCode: 401 })
})

t.test('keys that cannot be read replace nothing', async t => {
  const { access, ask } = await guarded()
  t.throws(() => { access.setKeys([other.jwk, { ...other.jwk, kty: 'EC' as 'RSA' }]) })
  t.match(await ask('/operators', issuer.token()), { statusCode: 200 })
})

t.test('a published key is named by its thumbprint (RFC 7638, the example of 3.1)', async t => {
  const n = '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw'
  const jwk = toPublicJwk(createPublicKey({ key: { kty: 'RSA', n, e: 'AQAB' }, format: 'jwk' }))
  t.same(jwk, { kty: 'RSA', kid: 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs', use: 'sig', alg: 'RS256', n, e: 'AQAB' })
})
