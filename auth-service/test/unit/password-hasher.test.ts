import t from 'tap'
import {
  hashPassword, preHash, unmatchableHash, verifyPassword, verifyPasswordAtCost
} from '../../src/passwords/bcrypt.ts'
import { createPasswordHasher } from '../../src/passwords/password-hasher.ts'
import run from '../../src/passwords/worker.ts'
import { countRounds } from '../support/bcrypt-rounds.ts'

const passwords = createPasswordHasher(4, { threads: 1 })
t.teardown(passwords.close)

t.test('the input of bcrypt is short, has no NUL, and depends on every character', async t => {
  for (const password of ['', 'a', 'a\0b', 'x'.repeat(256)]) t.match(preHash(password), /^[A-Za-z0-9+/]{43}=$/)
  t.not(preHash('a\0b'), preHash('a\0c'))
  t.not(preHash(`${'x'.repeat(72)}y`), preHash(`${'x'.repeat(72)}z`))
  t.equal(preHash('e\u0301'), preHash('\u00e9'))
  const known = 'J39E+7vz2xVkSLSakSSg7VSX/4Ri7k75MhAzxeAUxJU='
  t.equal(preHash('a long walk by the sea'), known, 'stored hashes stay valid')
})

t.test('503: at most 16 tasks wait per thread, and the next one is rejected immediately', async t => {
  const results = await Promise.allSettled(Array.from({ length: 50 }, async () => await passwords.hash('a password')))
  const hashes = results.flatMap(result => result.status === 'fulfilled' ? [result.value] : [])
  const reasons = results.flatMap(result => result.status === 'rejected' ? [result.reason] : [])
  t.ok(hashes.length >= 16 && hashes.length <= 17, `${hashes.length} were accepted`)
  const busy = { name: 'DomainError', kind: 'unavailable', code: 'TOO_BUSY', extras: { retryAfter: 2 } }
  t.match(reasons, reasons.map(() => busy))
  t.equal(await passwords.verify('a password', hashes[0]), true, 'the queue accepts tasks again later')
})

t.test('503: fewer tasks can wait if a hash takes long, but at least one is always accepted', async t => {
  const slow = createPasswordHasher(8, { threads: 1, maxWait: 60 })
  t.teardown(slow.close)
  await slow.hash('a password')
  const results = await Promise.allSettled(Array.from({ length: 14 }, async () => await slow.hash('a password')))
  const refused = results.filter(({ status }) => status === 'rejected')
  t.match(refused[0], { reason: { code: 'TOO_BUSY' } })
  t.ok(refused.length <= 12, `${refused.length} of 14 were refused`)
})

t.test('a hash matches only its own password, and shows its cost', async t => {
  const [hash, again] = [await passwords.hash('a password'), await passwords.hash('a password')]
  t.match(hash, /^\$2b\$04\$/)
  t.not(hash, again, 'each hash has its own salt')
  t.equal(await passwords.verify('a password', hash), true)
  t.equal(await passwords.verify('a passworD', hash), false)
  t.equal(await passwords.verify('a password', undefined), false)
})

// Coverage does not include the threads, so the code of the worker is also called here.
t.test('a worker hashes without a hash and compares with one', async t => {
  const hash = String(run({ password: 'a password', cost: 4 }))
  t.equal(run({ password: 'a password', cost: 4, hash }), true)
  t.equal(run({ password: 'another one', cost: 4, hash }), false)
  t.equal(verifyPassword('a password', hash), true)
})

t.test('a comparison with a cheaper hash takes as many rounds as one at the full cost', async t => {
  for (const cost of [4, 5, 8, 9]) {
    const hash = hashPassword('a password', cost)
    t.equal(verifyPasswordAtCost('a password', hash, 8), true)
    t.equal(verifyPasswordAtCost('another one', hash, 8), false)
    t.equal(countRounds(t, () => verifyPasswordAtCost('another one', hash, 8)), 2 ** Math.max(cost, 8), `cost ${cost}`)
  }
})

t.test('an unmatchable hash is a complete hash of the given cost, so a comparison takes as many rounds', async t => {
  t.match(unmatchableHash(4), /^\$2b\$04\$[./A-Za-z0-9]{53}$/)
  t.match(unmatchableHash(12), /^\$2b\$12\$[./A-Za-z0-9]{53}$/)
  t.equal(verifyPassword('a password', unmatchableHash(4)), false)
})
