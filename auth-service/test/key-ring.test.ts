import { generateKeyPairSync } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readToken, startAuth } from '../../test/kit/auth.ts'
import { createCall } from '../../test/kit/client.ts'
import { ownDatabase } from '../../test/kit/database.ts'
import { eventually } from '../../test/kit/eventually.ts'
import { startPlatform } from '../../test/kit/platform.ts'
import { scratch } from '../../test/kit/scratch.ts'
import { openKeyRing } from '../src/key-ring.ts'
import { loadSigningKey } from '../src/keys.ts'

const pems = [1, 2, 3].map(() => String(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' })))
const [one = '', two = '', three = ''] = pems

/** A directory of keys, each a minute newer than the one before. */
function keyDirectory (keys: Readonly<Record<string, string>>): string {
  const dir = scratch(t)
  for (const [index, [name, pem]] of Object.entries(keys).entries()) {
    writeFileSync(join(dir, name), pem)
    utimesSync(join(dir, name), 1_000_000 + index * 60, 1_000_000 + index * 60)
  }
  return dir
}

const kidOf = (dir: string, name: string): string => loadSigningKey(join(dir, name), dir).jwk.kid

t.test('the newest file of a directory signs, and all are published', async t => {
  const dir = keyDirectory({ 'b.pem': one, 'a.pem': two, '.hidden': 'no key' })
  mkdirSync(join(dir, 'folder'))
  const ring = openKeyRing(dir, dir)
  t.equal(ring.signing().jwk.kid, kidOf(dir, 'b.pem'), 'the oldest, while other instances may not have seen the newest yet')
  await eventually(async () => ring.signing().jwk.kid === kidOf(dir, 'a.pem'))
  t.same(ring.published().map(({ kid }) => kid), [kidOf(dir, 'a.pem'), kidOf(dir, 'b.pem')])
})

t.test('of files of one time the last by name signs', async t => {
  const dir = keyDirectory({ '2026-02': two, '2026-01': one, '2026-03': three })
  for (const name of ['2026-01', '2026-02', '2026-03']) utimesSync(join(dir, name), 1_000_000, 1_000_000)
  t.equal(openKeyRing(dir, dir).published()[0]?.kid, kidOf(dir, '2026-03'))
})

t.test('a MAC counts for as long as its key is there', async t => {
  const dir = keyDirectory({ old: one, new: two })
  const [ring, other] = [openKeyRing(dir, dir), openKeyRing(join(dir, 'new'), dir)]
  const mac = loadSigningKey(join(dir, 'old'), dir).macOf('text')
  t.same([ring.isMac('text', mac), ring.isMac('texts', mac), ring.isMac('text', `${mac}A`), other.isMac('text', mac)], [true, false, false, false])
})

t.test('a directory without a key, or with one that is weak or none, stops the start', async t => {
  const weak = String(generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({ type: 'pkcs8', format: 'pem' }))
  const empty = keyDirectory({})
  t.throws(() => openKeyRing(empty, empty), { name: 'StartupError', message: `JWT_PRIVATE_KEY_FILE: there is no key in ${empty}` })
  for (const bad of [weak, 'words', '']) {
    const dir = keyDirectory({ good: one, bad })
    t.throws(() => openKeyRing(dir, dir), { name: 'StartupError', message: new RegExp(`^JWT_PRIVATE_KEY_FILE: ${join(dir, 'bad')} `) })
  }
  t.throws(() => openKeyRing('/not/there', empty), { name: 'StartupError', message: 'JWT_PRIVATE_KEY_FILE: /not/there cannot be read (ENOENT)' })
})

t.test('keys are exchanged while the platform runs, and no request is lost', async t => {
  const dir = keyDirectory({ old: one })
  const { urls, call, signIn } = await startPlatform(t, { JWT_PRIVATE_KEY_FILE: dir })
  const person = await signIn('USER')
  const before = readToken(person.token).header['kid']
  const published = async (): Promise<string[]> => (await call('GET', '/.well-known/jwks.json')).body.keys.map(({ kid }: { kid: string }) => kid)
  t.same(await published(), [before])

  writeFileSync(join(dir, '.new'), two)
  renameSync(join(dir, '.new'), join(dir, 'new'))
  const after = kidOf(dir, 'new')
  let { token, refreshToken } = person
  const statuses = new Set<number>()
  await eventually(async () => {
    const { body } = await call('POST', '/v1/auth/refresh', { body: { refreshToken } })
    token = body.accessToken
    refreshToken = body.refreshToken
    statuses.add((await call('GET', '/v1/users/me', { token })).status)
    statuses.add((await call('GET', '/v1/events', { token })).status)
    return readToken(token).header['kid'] === after
  }, 30_000)
  statuses.add((await call('GET', '/v1/events', { token: person.token })).status)
  t.same([...statuses], [200], 'with the old key and the new one')
  t.same(await published(), [after, before])

  // What cannot be used changes nothing.
  writeFileSync(join(dir, 'newer'), 'cut off')
  await new Promise(resolve => setTimeout(resolve, 2500))
  t.same(await published(), [after, before])
  rmSync(join(dir, 'newer'))

  rmSync(join(dir, 'old'))
  await eventually(async () => (await published()).length === 1)
  t.equal((await createCall(urls.auth)('GET', '/v1/users/me', { token: person.token })).status, 401)
  await eventually(async () => (await call('GET', '/v1/users/me', { token: person.token })).status === 401, 40_000)
  t.equal((await call('GET', '/v1/users/me', { token })).status, 200)
  t.equal((await call('POST', '/v1/auth/refresh', { body: { refreshToken } })).status, 200)
})

t.test('where all keys are exchanged at once the new one signs at once', async t => {
  const dir = keyDirectory({ key: one })
  const auth = await startAuth(t, { JWT_PRIVATE_KEY_FILE: dir }, ownDatabase(t, 'auth'))
  const { email } = await auth.register()
  writeFileSync(join(dir, 'key'), three)
  await eventually(async () => readToken((await auth.login(email)).token).header['kid'] === kidOf(dir, 'key'))
  t.equal(readFileSync(join(dir, 'key'), 'utf8'), three)
})
