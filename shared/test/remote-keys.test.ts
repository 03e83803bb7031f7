import { followRemoteKeys, type PublicJwk } from '@laurel/shared/tokens'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { createIssuer } from '../../test/kit/issuer.ts'
import { freePort } from '../../test/kit/ports.ts'
import { startStandIn } from '../../test/kit/stand-in.ts'
import { quietService } from './support/service.ts'

const { log } = quietService()
const [first, second] = [createIssuer().jwk, createIssuer().jwk]

async function follow (t: Test, url: string, timing?: Parameters<typeof followRemoteKeys>[3]) {
  const known: string[][] = []
  const keys = await followRemoteKeys(url, published => { known.push(published.map(({ kid }) => kid)) }, log, timing)
  t.teardown(keys.close)
  return { keys, known }
}

t.test('the keys of auth-service; most of it waits for two seconds to pass', { jobs: 10 }, t => {
  void t.test('the keys are there before it resolves', async t => {
    const auth = await startStandIn(t, [first])
    t.same((await follow(t, auth.url)).known, [[first.kid]])
  })

  void t.test('auth-service may start later: it is waited for', async t => {
    const port = await freePort()
    const following = follow(t, `http://127.0.0.1:${port}`)
    await sleep(300)
    await startStandIn(t, [first], port)
    t.same((await following).known, [[first.kid]])
  })

  for (const [name, published] of Object.entries({ 'a failure': null, 'no list': {}, 'a list of what is no key': { keys: [{ kty: 'EC', kid: 'x' }] }, 'a text': 'hello' })) {
    t.test(`a start gives up in one line, in time, where auth-service answers ${name}`, async t => {
      const auth = await startStandIn(t)
      auth.keys = published
      const refuse = (keys: readonly PublicJwk[]) => { if (keys[0]?.kty !== 'RSA') throw new Error('no key') }
      const error = await followRemoteKeys(auth.url, refuse, log, { patience: 300 }).catch((error: unknown) => error)
      t.match(error, { name: 'StartupError', message: /^AUTH_URL: no public keys from auth-service at http:\/\/127\.0\.0\.1:\d+ \([^\n]+\)$/ })
    })
  }

  void t.test('a start gives up where nobody listens', async t => {
    await t.rejects(followRemoteKeys(`http://127.0.0.1:${await freePort()}`, () => undefined, log, { patience: 0 }), { name: 'StartupError', message: /^AUTH_URL: / })
  })

  void t.test('while auth-service is away the known keys go on counting, and asking for them never throws', async t => {
    const auth = await startStandIn(t, [first])
    const { keys, known } = await follow(t, auth.url)
    await auth.stop()
    await sleep(2000)
    t.equal(await keys.refresh(), false, 'and it is told')
    t.same(known, [[first.kid]])
  })

  void t.test('unknown keys make one fetch in two seconds, together for all who ask', async t => {
    const auth = await startStandIn(t, [first])
    const { keys, known } = await follow(t, auth.url)
    auth.keys = { keys: [first, second] }
    await Promise.all(Array.from({ length: 50 }, keys.refresh))
    t.equal(auth.keyFetches, 1, 'they were fetched a moment ago')
    await sleep(2000)
    await Promise.all(Array.from({ length: 50 }, keys.refresh))
    await keys.refresh()
    t.equal(auth.keyFetches, 2)
    t.same(known.at(-1), [first.kid, second.kid], 'whoever has waited sees the new key')
  })

  void t.test('the keys are polled: what is published changes without a restart, until it is closed', async t => {
    const auth = await startStandIn(t, [first])
    const { keys, known } = await follow(t, auth.url, { pollInterval: 50 })
    auth.keys = { keys: [second] }
    while (known.length === 1) await sleep(20)
    t.same(known, [[first.kid], [second.kid]])
    keys.close()
    await sleep(100)
    const { keyFetches } = auth
    await sleep(2200)
    t.equal(auth.keyFetches, keyFetches)
  })
  t.end()
})
