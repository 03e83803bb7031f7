import { MongoClient } from 'mongodb'
import t from 'tap'
import { buildApp } from '../../gateway/src/app.ts'
import { readConfig } from '../../gateway/src/config.ts'
import { createCall } from '../kit/http/client.ts'
import { refusalOf } from '../kit/http/laurel.ts'
import { eventually } from '../kit/run/eventually.ts'
import { password } from '../kit/servers/auth.ts'
import { login, type SignedIn } from '../kit/servers/platform.ts'
import { sharedPlatform } from '../kit/servers/shared-platform.ts'

const { call, signIn, admin, env, urls } = await sharedPlatform()
const statusOf = async ({ token }: SignedIn): Promise<number> => (await call('GET', '/v1/events', { token })).status

const mongo = new MongoClient(env['AUTH_MONGODB_URI'] ?? '')
t.teardown(async () => { await mongo.close() })
const sessions = mongo.db().collection('sessions')
const ends: Readonly<Record<string, (person: SignedIn, other: SignedIn) => Promise<unknown>>> = {
  logout: async ({ client }) => await client.logout(),
  'ending the session from another one': async ({ client }, other) => {
    const { data } = await client.listMySessions()
    const { id = '' } = data.find(({ current }) => current) ?? {}
    await other.client.endMySession({ sessionId: id })
  },
  'a new password': async (_, { client }) =>
    await client.changePassword({ currentPassword: password, newPassword: 'another walk' }),
  'a new role': async ({ user }) => await admin.client.updateUser({ userId: user.id, role: 'AUDITOR' }),
  'a disabled account': async ({ user }) => await admin.client.updateUser({ userId: user.id, status: 'DISABLED' }),
  'a deleted account': async (_, { client }) => await client.deleteMe({ password }),
  'a refresh token that is used again later': async ({ client, refreshToken }) => {
    await client.refresh({ refreshToken })
    // Shortly after its first use, this would be a retry.
    await sessions.updateMany({}, { $set: { exchanges: [] } })
    await refusalOf(client.refresh({ refreshToken }))
  }
}

for (const [name, end] of Object.entries(ends)) {
  t.test(`401: ${name} ends access tokens at the gateway, even if it starts afterward`, async t => {
    const person = await signIn('OPERATOR')
    const other = await login(urls.gateway, person.user.email, password)
    t.equal(await statusOf(person), 200)
    await end(person, other)
    await eventually(async () => await statusOf(person) === 401)
    const write = await call('PATCH', '/v1/users/me', { token: person.token, body: { name: 'Kim' } })
    t.equal(write.status, 401, 'also on a write')
    t.match((await call('GET', '/v1/auth/status', { token: person.token })).body, { authenticated: false })

    const restarted = await buildApp(readConfig({ ...env, PORT: '0' }))
    t.teardown(async () => { await restarted.close() })
    const call2 = createCall(await restarted.listen({ host: '127.0.0.1', port: 0 }))
    t.equal((await call2('GET', '/v1/events', { token: person.token })).status, 401)
    t.equal((await call2('GET', '/v1/events', { token: admin.token })).status, 200)
  })
}

t.test('a continuing session keeps its old access tokens, and a demoted ADMIN loses all permissions', async t => {
  const person = await signIn('ADMIN')
  await person.client.refresh({ refreshToken: person.refreshToken })
  t.equal((await call('GET', '/v1/users', { token: person.token })).status, 200)
  await admin.client.updateUser({ userId: person.user.id, role: 'USER' })
  await eventually(async () => (await call('GET', '/v1/users', { token: person.token })).status === 401)
  const again = await login(urls.gateway, person.user.email, password)
  t.equal((await call('GET', '/v1/users', { token: again.token })).status, 403)
})

t.test('behind the gateway, a token is valid until it expires, because only the gateway reads the feed', async t => {
  const person = await signIn('USER')
  await person.client.logout()
  await eventually(async () => await statusOf(person) === 401)
  t.equal((await createCall(urls.event)('GET', '/v1/events', { token: person.token })).status, 200)
})
