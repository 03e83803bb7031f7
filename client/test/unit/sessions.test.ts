import { createClient, type ClientTokens } from '@laurel/client'
import t from 'tap'
import { startServer, type Reply } from '../support/server.ts'

const rejected: Reply = [401, {}, { code: 'UNAUTHENTICATED', detail: 'Log in.' }]
const session = { accessToken: 'new', refreshToken: 'next' }

t.test('a rejected access token is refreshed, and the call is repeated with the new one', async t => {
  const { baseUrl, requests } = await startServer(t, rejected, [200, {}, session])
  const stored: Array<ClientTokens | undefined> = []
  await createClient({
    baseUrl, token: 'expired', refreshToken: 'first', onTokens: tokens => { stored.push(tokens) }
  }).getMe()
  t.same(requests.map(({ url }) => url), ['/v1/users/me', '/v1/auth/refresh', '/v1/users/me'])
  t.equal(requests[2]?.headers.authorization, 'Bearer new')
  t.same(stored, [session])
})

t.test('a rejected call fails if there is nothing to renew the token with, or if the new one is rejected', async t => {
  const { baseUrl, requests } = await startServer(t, rejected, rejected, [200, {}, session], rejected)
  await t.rejects(createClient({ baseUrl, token: 'expired' }).getMe(), { code: 'UNAUTHENTICATED' })
  t.equal(requests.length, 1)
  const refreshToken = 'first'
  await t.rejects(createClient({ baseUrl, token: 'expired', refreshToken }).getMe(), { code: 'UNAUTHENTICATED' })
  t.equal(requests.length, 4)
})

t.test('a machine client requests its token before the first call', async t => {
  const { baseUrl, requests } = await startServer(t, [200, {}, { accessToken: 'new' }])
  const credentials = { clientId: 'game', clientSecret: 'secret' }
  await createClient({ baseUrl, credentials }).listActivities({ userId: 'kim' })
  t.same(requests.map(({ url }) => url), ['/v1/auth/token', '/v1/users/kim/activities'])
  t.equal(requests[1]?.headers.authorization, 'Bearer new')
})

t.test('the tokens of a login are used until the logout, which returns undefined', async t => {
  const { baseUrl, requests } = await startServer(t, [200, {}, session], [200], [204])
  const client = createClient({ baseUrl })
  await client.login({ email: 'kim@example.com', password: 'x' })
  await client.updateMe({ name: 'Kim' }, { ifMatch: '"1"' })
  t.match(requests[1]?.headers, { authorization: 'Bearer new', 'if-match': '"1"' })
  t.equal(await client.logout(), undefined)
  await client.getMe()
  t.notOk('authorization' in (requests[3]?.headers ?? {}))
})

t.test('a file is returned as text', async t => {
  const { baseUrl } = await startServer(t, [200, { 'content-type': 'text/csv; charset=utf-8' }])
  t.equal(await createClient({ baseUrl, token: 'x' }).exportClaims(), '{}')
})
