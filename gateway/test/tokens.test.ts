import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { badAuthorizations } from '../../test/kit/bad-tokens.ts'
import { createCall, type Answer } from '../../test/kit/client.ts'
import { runningEvent } from '../../test/kit/events.ts'
import { createIssuer } from '../../test/kit/issuer.ts'
import { eventually } from '../../test/kit/eventually.ts'
import { registerAndLogin, startPlatform } from '../../test/kit/platform.ts'

// The real servers with the real key: none of these tokens may count at any of them.
const { urls, env, admin, call } = await startPlatform(t)
const issuer = createIssuer(readFileSync(join(env['DATA_DIR'] ?? '', 'jwt-private-key.pem'), 'utf8'))
const entries = [
  ['the gateway, before auth-service', urls.gateway, '/v1/users/me', 'PATCH', `/v1/users/${admin.user.id}`, { role: 'USER' }],
  ['the gateway, before event-service', urls.gateway, '/v1/events', 'POST', '/v1/events', runningEvent()],
  ['auth-service', urls.auth, '/v1/users', 'PATCH', `/v1/users/${admin.user.id}`, { role: 'USER' }],
  ['event-service', urls.event, '/v1/events', 'POST', '/v1/events', runningEvent()]
] as const

function isRefusal ({ status, headers, body }: Answer): boolean {
  return status === 401 && headers.get('www-authenticate') === 'Bearer' && body.code === 'UNAUTHENTICATED' &&
    headers.get('content-type')?.startsWith('application/problem+json') === true
}

t.test('the tokens of this catalogue would count, were they right', async t => {
  for (const authorization of [`Bearer ${issuer.token()}`, `bearer ${issuer.token()}`, `BEARER   ${issuer.token({}, { typ: 'application/at+jwt' })}`, `Bearer ${issuer.token({ aud: ['other', 'laurel-api'] })}`]) {
    for (const url of [urls.gateway, urls.auth]) t.match(await createCall(url)('GET', '/v1/users', { headers: { authorization } }), { status: 200 })
    for (const url of [urls.gateway, urls.event]) t.match(await createCall(url)('GET', '/v1/events', { headers: { authorization } }), { status: 200 })
  }
})

for (const [name, authorization] of badAuthorizations(issuer)) {
  t.test(`401 on a read and a write, at the gateway and at each service: ${name}`, async t => {
    for (const [place, url, readPath, method, writePath, body] of entries) {
      const ask = createCall(url)
      const [read, write] = [await ask('GET', readPath, { headers: { authorization } }), await ask(method, writePath, { headers: { authorization }, body })]
      t.ok(isRefusal(read), `a read at ${place}: ${read.status}`)
      t.ok(isRefusal(write), `a write at ${place}: ${write.status}`)
      t.notMatch(JSON.stringify(read.body), /FAST_JWT|FST_|jwt|signature/i, 'in nobody else\'s words')
    }
  })
}

t.test('401 on a read and a write at the gateway after a logout, however the token\'s last character is spelled', async t => {
  const { token } = await registerAndLogin(call)
  // 2048 bits are 342 characters with four bits to spare, which no verifier looks at.
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const last = alphabet.indexOf(token.at(-1) ?? '')
  const twins = Array.from({ length: 16 }, (_, bits) => `${token.slice(0, -1)}${alphabet[(last & ~15) | bits] ?? ''}`)
  t.ok(twins.includes(token))
  await call('POST', '/v1/auth/logout', { token })
  await eventually(async () => (await call('GET', '/v1/users/me', { token })).status === 401)
  for (const twin of twins) {
    const [read, write] = [await call('GET', '/v1/events', { token: twin }), await call('PATCH', '/v1/users/me', { token: twin, body: { name: 'Kim' } })]
    t.ok(isRefusal(read) && isRefusal(write), twin.slice(-4))
  }
})

t.test('401: a token anywhere but in Authorization is none', async t => {
  const token = issuer.token()
  for (const [path, headers] of [[`/v1/events?access_token=${token}`, {}], ['/v1/events', { cookie: `token=${token}` }], ['/v1/events', { 'x-authorization': `Bearer ${token}` }], ['/v1/events', { 'proxy-authorization': `Bearer ${token}` }]] as const) {
    for (const url of [urls.gateway, urls.event]) t.ok(isRefusal(await createCall(url)('GET', path, { headers })), path)
  }
})

t.test('401 with a bad token does not say whether the thing exists', async t => {
  const [there, absent] = [await call('GET', `/v1/users/${admin.user.id}`, { token: 'a.b.c' }), await call('GET', '/v1/users/nobody', { token: 'a.b.c' })]
  t.same({ ...there.body, requestId: '' }, { ...absent.body, requestId: '' })
})

t.test('401: an access token is no service token, and only that opens what is internal', async t => {
  const ask = createCall(urls.event)
  const body = { activities: [{ id: 'a', userId: 'u', type: 'user.login' }] }
  const service = (claims: object = {}, header: object = {}) => issuer.token({ aud: 'laurel-internal', ...claims }, { typ: 'svc+jwt', ...header })
  t.match(await ask('POST', '/internal/activities', { token: service(), body }), { status: 200 })
  for (const token of [issuer.token(), service({ aud: 'laurel-api' }), service({}, { typ: 'at+jwt' }), service({ exp: 1 }), service({ sub: undefined }), createIssuer().token({ aud: 'laurel-internal' }, { typ: 'svc+jwt', kid: issuer.jwk.kid })]) {
    t.ok(isRefusal(await ask('POST', '/internal/activities', { token, body })))
  }
})
