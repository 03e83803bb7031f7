import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ownDatabase } from '../../../test/kit/mongo/database.ts'
import { eventually } from '../../../test/kit/run/eventually.ts'
import { scratch } from '../../../test/kit/run/scratch.ts'
import { readToken, startAuth } from '../../../test/kit/servers/auth.ts'
import { testKey } from '../../../test/kit/tokens/keys.ts'
import { loadSigningKey } from '../../src/keys/signing-key.ts'

t.test('an unusable key changes nothing, and a key that replaces all others is used immediately', async t => {
  const dir = scratch(t)
  writeFileSync(join(dir, 'key'), testKey(0))
  const signingKid = (): string => loadSigningKey(join(dir, 'key'), dir).jwk.kid
  const timing = { keyRing: { pollInterval: 50 } }
  const auth = await startAuth(t, { JWT_PRIVATE_KEY_FILE: dir }, ownDatabase(t, 'auth'), timing)
  const { email } = await auth.register()
  const usedKid = async (): Promise<string> => readToken((await auth.login(email)).token).header['kid']
  const before = await usedKid()

  writeFileSync(join(dir, 'invalid'), 'cut off')
  const failures = watchErrors(auth.app.log)
  await eventually(async () => failures.length > 0)
  t.same(failures, ['the signing keys were not reloaded'])
  t.equal(await usedKid(), before)

  rmSync(join(dir, 'invalid'))
  writeFileSync(join(dir, 'key'), testKey(1))
  await eventually(async () => await usedKid() === signingKid())
})

/** Collects the messages of the errors that are logged from now on. */
function watchErrors (log: { error: Function }): string[] {
  const messages: string[] = []
  log.error = (_details: unknown, message: string): void => { messages.push(message) }
  return messages
}
