import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readToken, startAuth } from '../../../test/kit/servers/auth.ts'
import { createCall } from '../../../test/kit/http/client.ts'
import { ownDatabase } from '../../../test/kit/mongo/database.ts'
import { eventually } from '../../../test/kit/run/eventually.ts'
import { startPlatform } from '../../../test/kit/servers/platform.ts'
import { scratch } from '../../../test/kit/run/scratch.ts'
import { loadSigningKey } from '../../src/keys/signing-key.ts'
import { generatePem } from '../generate-pem.ts'

/** Returns a directory with one key. */
function createKeyDirectory (name: string): string {
  const dir = scratch(t)
  writeFileSync(join(dir, name), generatePem())
  return dir
}

const kidOf = (dir: string, name: string): string => loadSigningKey(join(dir, name), dir).jwk.kid

t.test('keys are rotated while the platform runs, and no request fails', async t => {
  const dir = createKeyDirectory('old')
  const { urls, call, signIn } = await startPlatform(t, { JWT_PRIVATE_KEY_FILE: dir })
  const user = await signIn('USER')
  const before = readToken(user.token).header['kid']
  const publishedKids = async (): Promise<string[]> => {
    const { body } = await call('GET', '/.well-known/jwks.json')
    return body.keys.map(({ kid }: { kid: string }) => kid)
  }
  t.same(await publishedKids(), [before])

  writeFileSync(join(dir, '.new'), generatePem())
  renameSync(join(dir, '.new'), join(dir, 'new'))
  const after = kidOf(dir, 'new')
  let { token, refreshToken } = user
  const statuses = new Set<number>()
  await eventually(async () => {
    const { body } = await call('POST', '/v1/auth/refresh', { body: { refreshToken } })
    token = body.accessToken
    refreshToken = body.refreshToken
    statuses.add((await call('GET', '/v1/users/me', { token })).status)
    statuses.add((await call('GET', '/v1/events', { token })).status)
    return readToken(token).header['kid'] === after
  }, 30_000)
  statuses.add((await call('GET', '/v1/events', { token: user.token })).status)
  t.same([...statuses], [200], 'with the old key and with the new one')
  t.same(await publishedKids(), [after, before])

  rmSync(join(dir, 'old'))
  await eventually(async () => (await publishedKids()).length === 1)
  t.equal((await createCall(urls.auth)('GET', '/v1/users/me', { token: user.token })).status, 401)
  await eventually(async () => (await call('GET', '/v1/users/me', { token: user.token })).status === 401, 40_000)
  t.equal((await call('GET', '/v1/users/me', { token })).status, 200)
  t.equal((await call('POST', '/v1/auth/refresh', { body: { refreshToken } })).status, 200)
})

t.test('an unusable key changes nothing, and a key that replaces all others is used immediately', async t => {
  const dir = createKeyDirectory('key')
  const timing = { keyRing: { pollInterval: 50 } }
  const auth = await startAuth(t, { JWT_PRIVATE_KEY_FILE: dir }, ownDatabase(t, 'auth'), timing)
  const { email } = await auth.register()
  const signingKid = async (): Promise<string> => readToken((await auth.login(email)).token).header['kid']
  const before = await signingKid()

  writeFileSync(join(dir, 'invalid'), 'cut off')
  const failures = watchErrors(auth.app.log)
  await eventually(async () => failures.length > 0)
  t.same(failures, ['Signing keys not reloaded'])
  t.equal(await signingKid(), before)

  rmSync(join(dir, 'invalid'))
  writeFileSync(join(dir, 'key'), generatePem())
  await eventually(async () => await signingKid() === kidOf(dir, 'key'))
})

/** Collects the messages of the errors that are logged from now on. */
function watchErrors (log: { error: Function }): string[] {
  const messages: string[] = []
  log.error = (_details: unknown, message: string): void => { messages.push(message) }
  return messages
}
