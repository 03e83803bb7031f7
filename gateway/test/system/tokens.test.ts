import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { badAuthorizations } from '../../../test/kit/tokens/bad-tokens.ts'
import { createCall, type Answer } from '../../../test/kit/http/client.ts'
import { runningEvent } from '../../../test/kit/servers/events.ts'
import { eventually } from '../../../test/kit/run/eventually.ts'
import { createIssuer } from '../../../test/kit/tokens/issuer.ts'
import { testKey } from '../../../test/kit/tokens/keys.ts'
import { registerAndLogin } from '../../../test/kit/servers/platform.ts'
import { sharedPlatform } from '../../../test/kit/servers/shared-platform.ts'
import { spellingsOf } from '../support/tokens.ts'

// Real servers with their real key. None of them may accept any of these tokens.
const { urls, env, admin, call } = await sharedPlatform()
const issuer = createIssuer(readFileSync(join(env['DATA_DIR'] ?? '', 'jwt-private-key.pem'), 'utf8'))
const demotion = { method: 'PATCH', path: `/v1/users/${admin.user.id}`, body: { role: 'USER' } }
const creation = { method: 'POST', path: '/v1/events', body: runningEvent() }

/** A read and a write at each server. */
const servers = [
  { name: 'the gateway before auth-service', url: urls.gateway, readPath: '/v1/users/me', write: demotion },
  { name: 'the gateway before event-service', url: urls.gateway, readPath: '/v1/events', write: creation },
  { name: 'auth-service', url: urls.auth, readPath: '/v1/users', write: demotion },
  { name: 'event-service', url: urls.event, readPath: '/v1/events', write: creation }
]

function isUnauthenticated ({ status, headers, body }: Answer): boolean {
  return status === 401 &&
    headers.get('www-authenticate') === 'Bearer' &&
    headers.get('content-type')?.startsWith('application/problem+json') === true &&
    body.code === 'UNAUTHENTICATED'
}

t.test('200 for valid tokens, which shows that the others are rejected for their own defect', async t => {
  for (const authorization of [
    `Bearer ${issuer.token()}`,
    `bearer ${issuer.token()}`,
    `BEARER   ${issuer.token({}, { typ: 'application/at+jwt' })}`,
    `Bearer ${issuer.token({ aud: ['other', 'laurel-api'] })}`
  ]) {
    for (const [url, path] of [
      [urls.gateway, '/v1/users'],
      [urls.auth, '/v1/users'],
      [urls.gateway, '/v1/events'],
      [urls.event, '/v1/events']
    ] as const) t.match(await createCall(url)('GET', path, { headers: { authorization } }), { status: 200 })
  }
})

for (const [name, authorization] of badAuthorizations(issuer)) {
  t.test(`401 on a read and a write, at the gateway and at each service: ${name}`, async t => {
    const headers = { authorization }
    for (const { name, url, readPath, write } of servers) {
      const callServer = createCall(url)
      const readAnswer = await callServer('GET', readPath, { headers })
      const writeAnswer = await callServer(write.method, write.path, { headers, body: write.body })
      t.ok(isUnauthenticated(readAnswer), `a read at ${name}: ${readAnswer.status}`)
      t.ok(isUnauthenticated(writeAnswer), `a write at ${name}: ${writeAnswer.status}`)
      t.notMatch(JSON.stringify(readAnswer.body), /FAST_JWT|FST_|jwt|signature/i, 'no message of a library')
    }
  })
}

t.test('401 on a read and a write at the gateway after logout, in any spelling of the token', async t => {
  const { token, client } = await registerAndLogin(urls.gateway)
  await client.logout()
  await eventually(async () => (await call('GET', '/v1/users/me', { token })).status === 401)
  for (const spelling of spellingsOf(token)) {
    const read = await call('GET', '/v1/events', { token: spelling })
    const write = await call('PATCH', '/v1/users/me', { token: spelling, body: { name: 'Kim' } })
    t.ok(isUnauthenticated(read) && isUnauthenticated(write), spelling.slice(-4))
  }
})

t.test('401: a token anywhere but in Authorization is ignored', async t => {
  const token = issuer.token()
  for (const [path, headers] of [
    [`/v1/events?access_token=${token}`, {}],
    ['/v1/events', { cookie: `token=${token}` }],
    ['/v1/events', { 'x-authorization': `Bearer ${token}` }],
    ['/v1/events', { 'proxy-authorization': `Bearer ${token}` }]
  ] as const) {
    for (const url of [urls.gateway, urls.event]) {
      t.ok(isUnauthenticated(await createCall(url)('GET', path, { headers })), path)
    }
  }
})

t.test('401 for a bad token does not reveal whether the object exists', async t => {
  const existing = await call('GET', `/v1/users/${admin.user.id}`, { token: 'a.b.c' })
  const missing = await call('GET', '/v1/users/nobody', { token: 'a.b.c' })
  t.same({ ...existing.body, requestId: '' }, { ...missing.body, requestId: '' })
})

t.test('401: an access token is not a service token, and internal operations accept service tokens only', async t => {
  const send = async (token: string) => await createCall(urls.event)('POST', '/internal/activities', {
    token, body: { activities: [{ id: 'a', userId: 'u', type: 'user.login' }] }
  })
  const audience = 'laurel-internal'
  const serviceToken = (claims: object = {}, header: object = {}) =>
    issuer.token({ aud: audience, ...claims }, { typ: 'svc+jwt', ...header })
  t.match(await send(serviceToken()), { status: 200 })
  for (const token of [
    issuer.token(),
    serviceToken({ aud: 'laurel-api' }),
    serviceToken({}, { typ: 'at+jwt' }),
    serviceToken({ exp: 1 }),
    serviceToken({ sub: undefined }),
    createIssuer(testKey(1)).token({ aud: audience }, { typ: 'svc+jwt', kid: issuer.jwk.kid })
  ]) t.ok(isUnauthenticated(await send(token)))
})
