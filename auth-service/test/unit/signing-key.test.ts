import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { readFileSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { loadSigningKey } from '../../src/keys/signing-key.ts'
import { readOrCreateSecretFile } from '../../src/secret-file.ts'
import { readTestKey, testKey } from '../../../test/kit/tokens/keys.ts'
import { generatePem } from '../generate-pem.ts'

const pem = { type: 'pkcs8', format: 'pem' } as const
const spki = { type: 'spki', format: 'pem' } as const
const inPem = { publicKeyEncoding: spki, privateKeyEncoding: pem }

t.test('a key is generated once, and only its owner can read it', async t => {
  const dataDir = join(t.testdir({}), 'not', 'there', 'yet')
  const first = loadSigningKey(undefined, dataDir)
  const file = join(dataDir, 'jwt-private-key.pem')
  t.equal(statSync(file).mode & 0o777, 0o600)
  t.equal(statSync(dataDir).mode & 0o777, 0o700)
  t.equal(createPrivateKey(readFileSync(file)).asymmetricKeyDetails?.modulusLength, 2048)
  t.same(readdirSync(dataDir), ['jwt-private-key.pem'], 'without a draft')

  const second = loadSigningKey(undefined, dataDir)
  t.equal(second.jwk.kid, first.jwk.kid)
  t.equal(second.macOf('text'), first.macOf('text'))
  t.not(loadSigningKey(undefined, t.testdir({})).jwk.kid, first.jwk.kid, 'another directory has another key')
})

t.test('JWT_PRIVATE_KEY_FILE takes precedence over DATA_DIR, where nothing is created', async t => {
  const dir = t.testdir({ 'key.pem': testKey(), data: {} })
  const key = loadSigningKey(join(dir, 'key.pem'), join(dir, 'data'))
  t.equal(key.privatePem, readFileSync(join(dir, 'key.pem'), 'utf8'))
  t.same(readdirSync(join(dir, 'data')), [])
})

t.test('a longer key and a PEM of PKCS #1 are accepted', async t => {
  const dir = t.testdir({ 'key.pem': generatePem(2304, 'pkcs1') })
  const key = loadSigningKey(join(dir, 'key.pem'), '/never/used')
  t.match(key.privatePem, /^-----BEGIN PRIVATE KEY-----/)
  t.match(key.publicPem, /^-----BEGIN PUBLIC KEY-----/)
})

t.test('the MAC of a refresh token depends on the token and has 256 bits', async t => {
  const key = loadSigningKey(join(t.testdir({ 'key.pem': testKey() }), 'key.pem'), '/never/used')
  t.match(key.macOf('sid.0'), /^[\w-]{43}$/)
  t.not(key.macOf('sid.0'), key.macOf('sid.1'))
})

t.test('an invalid key stops the start with one line that names the file and the setting', async t => {
  const privateKey = readTestKey()
  const dir = t.testdir({
    'words.pem': 'not a key',
    'empty.pem': '',
    'public.pem': String(createPublicKey(privateKey).export(spki)),
    'locked.pem': String(privateKey.export({ ...pem, cipher: 'aes-256-cbc', passphrase: 'secret' })),
    'short.pem': generatePem(1024),
    'curve.pem': String(generateKeyPairSync('ec', { namedCurve: 'P-256', ...inPem }).privateKey),
    'pss.pem': String(generateKeyPairSync('rsa-pss', { modulusLength: 2048, ...inPem }).privateKey)
  })
  for (const [name, reason] of [
    ['words.pem', 'is not a private key in PEM format'],
    ['empty.pem', 'is not a private key in PEM format'],
    ['public.pem', 'is not a private key in PEM format'],
    ['locked.pem', 'is not a private key in PEM format'],
    ['short.pem', 'must be an RSA key of at least 2048 bits'],
    ['curve.pem', 'must be an RSA key of at least 2048 bits'],
    ['pss.pem', 'must be an RSA key of at least 2048 bits'],
    ['missing.pem', 'cannot be read (ENOENT)']
  ] as const) {
    const file = join(dir, name)
    const message = `JWT_PRIVATE_KEY_FILE: ${file} ${reason}`
    t.throws(() => loadSigningKey(file, dir), { name: 'StartupError', message }, name)
  }
  t.throws(() => loadSigningKey(dir, dir), {
    name: 'StartupError', message: `JWT_PRIVATE_KEY_FILE: ${dir} cannot be read (EISDIR)`
  })

  const own = join(t.testdir({ data: { 'jwt-private-key.pem': 'cut off' } }), 'data')
  t.throws(() => loadSigningKey(undefined, own), {
    message: `JWT_PRIVATE_KEY_FILE: ${join(own, 'jwt-private-key.pem')} is not a private key in PEM format`
  })
})

t.test('a DATA_DIR that cannot be used stops the start with one line that names it', async t => {
  const dir = t.testdir({ 'a-file': '', 'a-directory': { 'jwt-private-key.pem': {} } })
  symlinkSync(join(dir, 'nowhere', 'at-all'), join(dir, 'jwt-private-key.pem'))
  for (const [dataDir, code] of [
    [join(dir, 'a-file'), 'ENOTDIR'],
    [join(dir, 'a-directory'), 'EISDIR'],
    [dir, 'EEXIST'],
    ['/dev/null/data', 'ENOTDIR'],
    ['/proc/laurel/data', 'ENOENT']
  ] as const) {
    const message = `DATA_DIR: ${join(dataDir, 'jwt-private-key.pem')} cannot be used (${code})`
    t.throws(() => loadSigningKey(undefined, dataDir), { name: 'StartupError', message }, `${dataDir}: ${code}`)
  }
  const fail = (): string => { throw new Error('nothing to write') }
  t.throws(() => readOrCreateSecretFile(dir, 'content', fail), {
    message: `DATA_DIR: ${join(dir, 'content')} cannot be used (Error: nothing to write)`
  })
})

t.test('the first of two writers wins, and the draft of the second is removed', async t => {
  const dataDir = t.testdir({})
  const content = readOrCreateSecretFile(dataDir, 'secret', () => {
    writeFileSync(join(dataDir, 'secret'), 'of the first')
    return 'of the second'
  })
  t.equal(content, 'of the first')
  t.same(readdirSync(dataDir), ['secret'])
})

t.test('an existing file is never replaced', async t => {
  const dataDir = t.testdir({ secret: 'kept' })
  t.equal(readOrCreateSecretFile(dataDir, 'secret', () => 'replaced'), 'kept')
})
