import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readToken } from '../../../test/kit/servers/auth.ts'
import { createCall } from '../../../test/kit/http/client.ts'
import { eventually } from '../../../test/kit/run/eventually.ts'
import { startPlatform } from '../../../test/kit/servers/platform.ts'
import { scratch } from '../../../test/kit/run/scratch.ts'
import { testKey } from '../../../test/kit/tokens/keys.ts'
import { loadSigningKey } from '../../src/keys/signing-key.ts'

t.test('keys are rotated while the platform runs, and no request fails', async t => {
  const dir = scratch(t)
  writeFileSync(join(dir, 'old'), testKey(1))
  const { urls, call, signIn } = await startPlatform(t, { JWT_PRIVATE_KEY_FILE: dir })
  const user = await signIn('USER')
  const before = readToken(user.token).header['kid']
  const publishedKids = async (): Promise<string[]> => {
    const { body } = await call('GET', '/.well-known/jwks.json')
    return body.keys.map(({ kid }: { kid: string }) => kid)
  }
  t.same(await publishedKids(), [before])

  writeFileSync(join(dir, '.new'), testKey(2))
  renameSync(join(dir, '.new'), join(dir, 'new'))
  const after = loadSigningKey(join(dir, 'new'), dir).jwk.kid
  let { token, refreshToken } = user
  const statuses = new Set<number>()
  await eventually(async () => {
    const { body } = await call('POST', '/v1/auth/refresh', { body: { refreshToken } })
    token = body.accessToken
    refreshToken = body.refreshToken
    statuses.add((await call('GET', '/v1/users/me', { token })).status)
    statuses.add((await call('GET', '/v1/events', { token })).status)
    return readToken(token).header['kid'] === after
  }, 30_000, 200)
  statuses.add((await call('GET', '/v1/events', { token: user.token })).status)
  t.same([...statuses], [200], 'with the old key and with the new one')
  t.same(await publishedKids(), [after, before])

  rmSync(join(dir, 'old'))
  await eventually(async () => (await publishedKids()).length === 1)
  t.equal((await createCall(urls.auth)('GET', '/v1/users/me', { token: user.token })).status, 401)
  await eventually(async () =>
    (await call('GET', '/v1/users/me', { token: user.token })).status === 401, 40_000, 200)
  t.equal((await call('GET', '/v1/users/me', { token })).status, 200)
  t.equal((await call('POST', '/v1/auth/refresh', { body: { refreshToken } })).status, 200)
})
