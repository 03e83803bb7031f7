import { mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { mock } from 'node:test'
import t from 'tap'
import { eventually } from '../../../test/kit/run/eventually.ts'
import { scratch } from '../../../test/kit/run/scratch.ts'
import { openKeyRing } from '../../src/keys/key-ring.ts'
import { loadSigningKey } from '../../src/keys/signing-key.ts'
import { testKey } from '../../../test/kit/tokens/keys.ts'
import { generatePem } from '../generate-pem.ts'

const [one, two, three] = [testKey(0), testKey(1), testKey(2)]

/** Returns a directory of keys, each a minute newer than the one before. */
function createKeyDirectory (keys: Readonly<Record<string, string>>): string {
  const dir = scratch(t)
  for (const [index, [name, pem]] of Object.entries(keys).entries()) {
    writeFileSync(join(dir, name), pem)
    const time = 1_000_000 + index * 60
    utimesSync(join(dir, name), time, time)
  }
  return dir
}

const kidOf = (dir: string, name: string): string => loadSigningKey(join(dir, name), dir).jwk.kid

t.test('the newest key of a directory is used once all servers can have fetched it; all are published', async t => {
  const dir = createKeyDirectory({ 'b.pem': one, 'a.pem': two, '.hidden': 'not a key' })
  mkdirSync(join(dir, 'folder'))
  const ring = openKeyRing(dir, dir, { publishBeforeUse: 200 })
  t.equal(ring.signingKey().jwk.kid, kidOf(dir, 'b.pem'), 'the oldest key at first')
  await eventually(async () => ring.signingKey().jwk.kid === kidOf(dir, 'a.pem'))
  t.same(ring.publicKeys().map(({ kid }) => kid), [kidOf(dir, 'a.pem'), kidOf(dir, 'b.pem')])
})

t.test('of several files with the same time, the key whose name sorts last is used', async t => {
  const dir = createKeyDirectory({ '2026-02': two, '2026-01': one, '2026-03': three })
  for (const name of ['2026-01', '2026-02', '2026-03']) utimesSync(join(dir, name), 1_000_000, 1_000_000)
  t.equal(openKeyRing(dir, dir).publicKeys()[0]?.kid, kidOf(dir, '2026-03'))
})

t.test('a directory is only loaded again after it has changed, and an unusable key is logged once', async t => {
  mock.timers.enable({ apis: ['setInterval'] })
  t.teardown(() => { mock.timers.reset() })
  const dir = createKeyDirectory({ old: one })
  const ring = openKeyRing(dir, dir)
  t.teardown(ring.close)
  const lines: string[] = []
  const log = { error: (_details: unknown, line: string) => { lines.push(line) } } as never
  let loads = 0
  ring.watch(() => { loads += 1 }, log)
  const poll = (): void => { mock.timers.tick(1000) }
  poll()
  t.equal(loads, 0)
  writeFileSync(join(dir, 'new'), 'cut off')
  poll()
  poll()
  t.same(lines, ['the signing keys were not reloaded'])
  writeFileSync(join(dir, 'new'), two)
  poll()
  poll()
  t.equal(loads, 1)
  t.same(ring.publicKeys().map(({ kid }) => kid), [kidOf(dir, 'new'), kidOf(dir, 'old')])
})

t.test('a MAC is valid while its key exists', async t => {
  const dir = createKeyDirectory({ old: one, new: two })
  const [ring, other] = [openKeyRing(dir, dir), openKeyRing(join(dir, 'new'), dir)]
  const mac = loadSigningKey(join(dir, 'old'), dir).macOf('text')
  t.equal(ring.verifyMac('text', mac), true)
  t.equal(ring.verifyMac('texts', mac), false)
  t.equal(ring.verifyMac('text', `${mac}A`), false)
  t.equal(other.verifyMac('text', mac), false)
})

t.test('a directory without a key, or with an invalid one, stops the start', async t => {
  const empty = createKeyDirectory({})
  t.throws(() => openKeyRing(empty, empty), {
    name: 'StartupError', message: `JWT_PRIVATE_KEY_FILE: ${empty} contains no key`
  })
  for (const bad of [generatePem(1024), 'words', '']) {
    const dir = createKeyDirectory({ good: one, bad })
    const message = new RegExp(`^JWT_PRIVATE_KEY_FILE: ${join(dir, 'bad')} `)
    t.throws(() => openKeyRing(dir, dir), { name: 'StartupError', message })
  }
  t.throws(() => openKeyRing('/not/there', empty), {
    name: 'StartupError', message: 'JWT_PRIVATE_KEY_FILE: /not/there cannot be read (ENOENT)'
  })
})
