import t from 'tap'
import { createClient, rotateSecret, verifySecret } from '../../src/domain/client.ts'

const at = new Date('2026-11-21T09:00:00.000Z')
const inSeconds = (seconds: number): Date => new Date(at.getTime() + seconds * 1000)
const { client, secret } = createClient({ name: 'Game server', createdBy: 'admin', at })

t.test('a secret is valid for its client only', async t => {
  const other = createClient({ name: 'Shop', createdBy: 'admin', at })
  t.equal(verifySecret(client, secret, at), true)
  t.equal(verifySecret(client, other.secret, at), false)
  t.equal(verifySecret(client, '', at), false)
  t.equal(verifySecret(null, secret, at), false, 'an unknown client')
})

t.test('after a rotation both secrets are valid until the old one expires', async t => {
  const rotated = rotateSecret(client, 60, at)
  for (const [seconds, isOldValid] of [[0, true], [59, true], [60, false]] as const) {
    t.equal(verifySecret(rotated.client, secret, inSeconds(seconds)), isOldValid, `the old one after ${seconds} s`)
    t.equal(verifySecret(rotated.client, rotated.secret, inSeconds(seconds)), true)
  }
})

t.test('a second rotation ends the oldest secret', async t => {
  const once = rotateSecret(client, 60, at)
  const twice = rotateSecret(once.client, 60, at)
  t.same([secret, once.secret, twice.secret].map(given => verifySecret(twice.client, given, at)), [false, true, true])
})
