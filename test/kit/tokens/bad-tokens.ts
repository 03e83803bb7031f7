import { createIssuer, encode, signHs256, type Issuer } from './issuer.ts'
import { testKey } from './keys.ts'

/** Returns `Authorization` headers that must all be rejected (RFC 8725, RFC 9068, RFC 6750). */
export function badAuthorizations (issuer: Issuer): ReadonlyArray<readonly [name: string, header: string]> {
  return [
    ...badTokens(issuer).map(([name, token]) => [name, `Bearer ${token}`] as const),
    ['two tokens', `Bearer ${issuer.token()}, Bearer ${issuer.token()}`],
    ['two tokens without a comma', `Bearer ${issuer.token()} ${issuer.token()}`],
    ['only a scheme', 'Bearer'],
    ['no scheme', issuer.token()],
    ['the scheme Basic', `Basic ${Buffer.from('admin@example.com:password').toString('base64')}`],
    ['the scheme Basic around a good token', `Basic ${issuer.token()}`],
    ['the scheme Token', `Token ${issuer.token()}`]
  ]
}

/** Returns tokens that must all be rejected. `issuer` has the key that the platform trusts. */
export function badTokens (issuer: Issuer): ReadonlyArray<readonly [name: string, token: string]> {
  const { token, signParts, header, claims, jwk, publicPem } = issuer
  const foreign = createIssuer(testKey(1))
  const now = Math.floor(Date.now() / 1000)
  const [goodHeader, goodPayload, goodSignature] = token().split('.') as [string, string, string]
  const withHeader = (changed: object) => token({}, { ...changed })

  return [
    ['alg none without a signature', `${encode({ ...header, alg: 'none' })}.${encode(claims())}.`],
    ['alg NONE with a signature', signParts({ ...header, alg: 'NONE' }, claims())],
    ['no alg', withHeader({ alg: undefined })],
    ['HS256 with the public key as its secret', signHs256(publicPem, { ...header, alg: 'HS256' }, claims())],
    [
      'HS256 with the trimmed public key as its secret',
      signHs256(publicPem.trim(), { ...header, alg: 'HS256' }, claims())
    ],
    ['another RSA algorithm', withHeader({ alg: 'RS512' })],
    ['PS256', withHeader({ alg: 'PS256' })],

    ['a foreign key under our kid', foreign.token({}, { kid: jwk.kid })],
    ['a foreign key in the header jwk, under our kid', foreign.token({}, { kid: jwk.kid, jwk: foreign.jwk })],
    ['a foreign key under its own kid', foreign.token({}, { jwk: foreign.jwk, jku: 'http://127.0.0.1:9/jwks.json' })],
    ['an unknown kid', withHeader({ kid: 'unknown' })],
    ['no kid', withHeader({ kid: undefined })],
    ['an empty kid', withHeader({ kid: '' })],
    ['a number as kid', withHeader({ kid: 0 })],
    ['a list as kid', withHeader({ kid: [jwk.kid] })],
    ['a path as kid', withHeader({ kid: '../../../../dev/null' })],
    ['__proto__ as kid', withHeader({ kid: '__proto__' })],

    ['typ JWT', withHeader({ typ: 'JWT' })],
    ['no typ', withHeader({ typ: undefined })],
    ['a number as typ', withHeader({ typ: 1 })],
    ['a service token', token({ aud: 'laurel-internal' }, { typ: 'svc+jwt' })],
    ['crit of an extension', withHeader({ crit: ['exp'], exp: now + 60 })],
    ['crit b64', withHeader({ crit: ['b64'], b64: false })],
    ['an empty crit', withHeader({ crit: [] })],
    ['a string as crit', withHeader({ crit: 'exp' })],

    ...['iss', 'aud', 'sub', 'sid', 'jti', 'role', 'iat', 'exp']
      .map(claim => [`no ${claim}`, token({ [claim]: undefined })] as const),
    ...['iss', 'aud', 'sub', 'sid', 'role', 'iat', 'exp']
      .map(claim => [`null as ${claim}`, token({ [claim]: null })] as const),
    ...['iss', 'sub', 'sid', 'role', 'iat', 'exp']
      .map(claim => [`a list as ${claim}`, token({ [claim]: [claims()[claim]] })] as const),
    ['another iss', token({ iss: 'laurel.example' })],
    ['another aud', token({ aud: 'laurel-api.example' })],
    ['a list of other aud', token({ aud: ['laurel', 'api'] })],
    ['a number as sub', token({ sub: 7 })],
    ['an operator as sub', token({ sub: { $ne: null } })],
    ['an empty sub', token({ sub: '' })],
    ['a NUL in sub', token({ sub: 'some\0one' })],
    ['a number as role', token({ role: 1 })],
    ['an unknown role', token({ role: 'ROOT' })],
    ['an inherited name as role', token({ role: 'constructor' })],
    ['an empty sid', token({ sid: '' })],
    ['true as sid', token({ sid: true })],
    ['an operator as sid', token({ sid: { $gt: '' } })],
    ['expired', token({ iat: now - 120, exp: now - 60 })],
    ['exp 0', token({ exp: 0 })],
    ['exp far below 0', token({ exp: -1e300 })],
    ['a string as exp', token({ exp: String(now + 60) })],
    ['a string as iat', token({ iat: 'now' })],
    ['nbf in the future', token({ nbf: now + 3600 })],

    ['a changed payload', `${goodHeader}.${encode({ ...claims(), role: 'ADMIN', sub: 'another' })}.${goodSignature}`],
    ['a changed header', `${encode({ ...header, note: 'x' })}.${goodPayload}.${goodSignature}`],
    ['no signature', `${goodHeader}.${goodPayload}.`],
    ['half a signature', `${goodHeader}.${goodPayload}.${goodSignature.slice(0, 100)}`],
    ['a longer signature', `${goodHeader}.${goodPayload}.${goodSignature}AAAA`],
    ['the signature of another token', `${goodHeader}.${goodPayload}.${token({ sub: 'another' }).split('.')[2]}`],
    ['a fourth part', `${goodHeader}.${goodPayload}.${goodSignature}.${goodSignature}`],
    ['exp too large for a number', signParts(header, rewrite(claims(), { exp: '1e400' }))],
    ['exp with too many digits', signParts(header, rewrite(claims(), { exp: '99999999999999999999' }))],
    ['iat too large for a number', signParts(header, rewrite(claims(), { iat: '1e400' }))],
    ['two exp, one in the past', signParts(header, rewrite(claims(), { exp: `${now - 60},"exp":${now + 60}` }))],
    ['two roles', signParts(header, rewrite(claims(), { role: '"USER","role":"ADMIN"' }))],
    ['two spellings of sub', signParts(header, rewrite(claims(), { sub: '"someone","su\\u0062":"another"' }))],
    ['two alg', signParts(rewrite(header, { alg: '"none","alg":"RS256"' }), claims())],
    ['two kid', signParts(rewrite(header, { kid: `"x","kid":"${jwk.kid}"` }), claims())],
    ['a lone surrogate in sub', signParts(header, rewrite(claims(), { sub: '"\\ud800"' }))],
    ['a signed list', signParts(header, [])],
    ['a signed null', signParts(header, null)],
    ['a signed string', signParts(header, '"text"')],
    ['a signed payload that is not JSON', signParts(header, '{')],
    ['a header that is null', signParts(null, claims())],
    ['a header that is not JSON', signParts('{', claims())],
    ['two parts', `${goodHeader}.${goodPayload}`],
    ['one word', 'garbage'],
    ['dots', '..'],
    ['four letters', 'a.b.c'],
    ['characters outside base64url', `${goodHeader}.${goodPayload}.+/==`],
    ['bytes', '\u00ff\u00fe.\u00ff.\u00ff'],
    ['a long string', 'x'.repeat(7000)]
  ]
}

/** Returns JSON in which some values are replaced with arbitrary text. */
function rewrite (part: object, texts: Readonly<Record<string, string>>): string {
  const members = Object.entries(part).map(([name, value]) => `"${name}":${texts[name] ?? JSON.stringify(value)}`)
  return `{${members.join(',')}}`
}
