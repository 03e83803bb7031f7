import { createHash, createPublicKey, verify } from 'node:crypto'
import t from 'tap'
import { readToken, startAuth } from '../../../test/kit/servers/auth.ts'
import { startEventStandIn } from '../../../test/kit/stand-ins/event-service.ts'
import { createIssuer } from '../../../test/kit/tokens/issuer.ts'
import { testKey } from '../../../test/kit/tokens/keys.ts'
import { loadSigningKey } from '../../src/keys/signing-key.ts'

const event = await startEventStandIn(t)
const auth = await startAuth(t, {
  EVENT_URL: event.url,
  JWT_ISSUER: 'an-issuer',
  JWT_AUDIENCE: 'an-audience',
  ACCESS_TOKEN_TTL: '120',
  REFRESH_TOKEN_TTL: '3600'
})

t.test('200: the JWKS contains only public keys, identified by their thumbprint (RFC 7638)', async t => {
  const { status, headers, body } = await auth.call('GET', '/.well-known/jwks.json')
  t.equal(status, 200)
  t.match(headers.get('cache-control'), /^public, max-age=\d+$/)
  t.equal(body.keys.length, 1)
  const [{ n, e }] = body.keys
  const kid = createHash('sha256').update(`{"e":"${e}","kty":"RSA","n":"${n}"}`).digest('base64url')
  t.strictSame(body.keys, [{ kty: 'RSA', kid, use: 'sig', alg: 'RS256', n, e }])
})

t.test('an access token follows RFC 9068, with the session and the role', async t => {
  const user = await auth.register()
  const { status, body } = await auth.tryLogin(user.email)
  t.match({ status, body }, { status: 200, body: { expiresIn: 120 } })
  const { header, claims } = readToken(body.accessToken)
  const { body: { keys: [key] } } = await auth.call('GET', '/.well-known/jwks.json')
  t.strictSame(header, { alg: 'RS256', typ: 'at+jwt', kid: key.kid })
  t.strictSame(claims, {
    iss: 'an-issuer',
    aud: 'an-audience',
    sub: user.id,
    sid: claims['sid'],
    jti: claims['jti'],
    role: 'USER',
    iat: claims['iat'],
    exp: claims['iat'] + 120
  })
  t.ok(Math.abs(claims['iat'] * 1000 - Date.now()) < 60_000, 'issued now, in seconds')
})

t.test('an access token can be verified with the published key', async t => {
  const { token } = await auth.signIn('OPERATOR')
  const { body: { keys: [key] } } = await auth.call('GET', '/.well-known/jwks.json')
  const end = token.lastIndexOf('.')
  const publicKey = createPublicKey({ key, format: 'jwk' })
  const signature = Buffer.from(token.slice(end + 1), 'base64url')
  t.ok(verify('sha256', Buffer.from(token.slice(0, end)), publicKey, signature))
  t.notOk(verify('sha256', Buffer.from(`${token.slice(0, end)}x`), publicKey, signature))
})

t.test('a refresh token contains the session, the generation, and a MAC that only this key can create', async t => {
  const { refreshToken, claims } = await auth.signIn('USER')
  const [sessionId, generation, mac] = refreshToken.split('.')
  t.same([sessionId, generation], [claims['sid'], '0'])
  t.equal(mac, loadSigningKey(undefined, String(auth.env['DATA_DIR'])).macOf(`${sessionId}.0`))
  t.not(mac, loadSigningKey(undefined, t.testdir({})).macOf(`${sessionId}.0`))
})

t.test('the session lives for REFRESH_TOKEN_TTL seconds', async t => {
  const { claims } = await auth.signIn('USER')
  const session = await auth.sessions.findOne({ _id: claims['sid'] })
  t.equal(session?.['expiresAt'] - session?.['createdAt'], 3_600_000)
})

t.test('a service token has its own type and audience, and is valid from -1 to +1 minute', async t => {
  await auth.signIn('USER')
  const token = event.deliveries.at(-1)?.token ?? ''
  const { header, claims } = readToken(token)
  const { kid } = readToken((await auth.signIn('USER')).token).header
  t.match(header, { alg: 'RS256', typ: 'svc+jwt', kid })
  t.strictSame(claims, {
    iss: 'an-issuer',
    aud: 'laurel-internal',
    sub: 'auth-service',
    jti: claims['jti'],
    iat: claims['iat'],
    exp: claims['iat'] + 120
  })
  t.ok(Math.abs(claims['iat'] * 1000 + 60_000 - Date.now()) < 30_000)
})

t.test('401: a service token is not an access token', async t => {
  await auth.signIn('ADMIN')
  const token = event.deliveries.at(-1)?.token ?? ''
  t.match(await auth.call('GET', '/v1/users', { token }), { status: 401, body: { code: 'UNAUTHENTICATED' } })
  t.match(await auth.call('GET', '/v1/users/me', { token }), { status: 401 })
})

t.test('401: a token that was signed with another key is invalid, even with the kid of our key', async t => {
  const { token } = await auth.signIn('ADMIN')
  t.equal((await auth.call('GET', '/v1/users', { token })).status, 200)
  const { header, claims } = readToken(token)
  const stranger = createIssuer(testKey(1))
  for (const kid of [header['kid'], stranger.jwk.kid]) {
    const forged = stranger.signParts({ ...header, kid }, claims)
    const answer = await auth.call('GET', '/v1/users', { token: forged })
    t.match(answer, { status: 401, body: { code: 'UNAUTHENTICATED' } })
  }
})
