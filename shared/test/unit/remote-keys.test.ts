import { setTimeout as sleep } from 'node:timers/promises'
import { followRemoteKeys, type PublicJwk } from '@laurel/shared/tokens'
import t, { type Test } from 'tap'
import { eventually } from '../../../test/kit/run/eventually.ts'
import { createIssuer } from '../../../test/kit/tokens/issuer.ts'
import { testKey } from '../../../test/kit/tokens/keys.ts'
import { freePort } from '../../../test/kit/servers/ports.ts'
import { startStandIn } from '../../../test/kit/stand-ins/services.ts'
import { quietService } from '../support/service.ts'

const { log } = quietService()
const [first, second] = [createIssuer().jwk, createIssuer(testKey(1)).jwk]

async function follow (t: Test, url: string, timing?: Parameters<typeof followRemoteKeys>[3]) {
  const published: string[][] = []
  const setKeys = (keys: readonly PublicJwk[]) => { published.push(keys.map(({ kid }) => kid)) }
  const keys = await followRemoteKeys(url, setKeys, log, timing)
  t.teardown(keys.close)
  return { keys, published }
}

t.test('following the keys of auth-service', { jobs: 10 }, t => {
  void t.test('the keys are loaded before it resolves', async t => {
    const auth = await startStandIn(t, [first])
    t.same((await follow(t, auth.url)).published, [[first.kid]])
  })

  void t.test('auth-service may start later', async t => {
    const port = await freePort()
    const following = follow(t, `http://127.0.0.1:${port}`)
    await sleep(300)
    await startStandIn(t, [first], port)
    t.same((await following).published, [[first.kid]])
  })

  for (const [name, published] of Object.entries({
    'an error': null,
    'an object without keys': {},
    'a key of another type': { keys: [{ kty: 'EC', kid: 'x' }] },
    'a string': 'hello'
  })) {
    void t.test(`the start fails in time and in one line if auth-service answers ${name}`, async t => {
      const auth = await startStandIn(t)
      auth.keys = published
      const setKeys = (keys: readonly PublicJwk[]) => { if (keys[0]?.kty !== 'RSA') throw new Error('no key') }
      const message = /^AUTH_URL: http:\/\/127\.0\.0\.1:\d+ sent no public keys \([^\n]+\)$/
      await t.rejects(followRemoteKeys(auth.url, setKeys, log, { startupTimeout: 300 }), {
        name: 'StartupError', message
      })
    })
  }

  void t.test('the start fails if nothing listens at AUTH_URL', async t => {
    const url = `http://127.0.0.1:${await freePort()}`
    const following = followRemoteKeys(url, () => undefined, log, { startupTimeout: 0 })
    await t.rejects(following, { name: 'StartupError', message: /^AUTH_URL: / })
  })

  void t.test('a refresh that fails keeps the known keys; one that succeeds replaces them', async t => {
    const auth = await startStandIn(t, [first])
    const { keys, published } = await follow(t, auth.url, { minInterval: 0 })
    auth.keys = null
    t.equal(await keys.refresh(), false)
    t.same(published, [[first.kid]])
    auth.keys = { keys: [first, second] }
    t.equal(await keys.refresh(), true)
    t.same(published.at(-1), [first.kid, second.kid])
  })

  void t.test('the keys are polled', async t => {
    const auth = await startStandIn(t, [first])
    const { published } = await follow(t, auth.url, { pollInterval: 50, minInterval: 0 })
    auth.keys = { keys: [second] }
    await eventually(async () => published.at(-1)?.[0] === second.kid)
  })
  t.end()
})
