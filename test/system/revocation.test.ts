import type { User } from '@laurel/shared/contracts'
import { MongoClient } from 'mongodb'
import t from 'tap'
import { buildApp } from '../../gateway/src/app.ts'
import { readConfig } from '../../gateway/src/config.ts'
import { createCall } from '../kit/http/client.ts'
import { eventually } from '../kit/run/eventually.ts'
import { password } from '../kit/servers/auth.ts'
import { login, startPlatform, type SignedIn } from '../kit/servers/platform.ts'

const { call, signIn, admin, env, urls } = await startPlatform(t)
const statusOf = async ({ token }: SignedIn): Promise<number> => (await call('GET', '/v1/events', { token })).status
const refresh = async ({ refreshToken }: SignedIn) => await call('POST', '/v1/auth/refresh', { body: { refreshToken } })

const mongo = new MongoClient(env['AUTH_MONGODB_URI'] ?? '')
t.teardown(async () => { await mongo.close() })
const sessions = mongo.db().collection('sessions')
const patchUser = async ({ id }: User, body: object) =>
  await call('PATCH', `/v1/users/${id}`, { token: admin.token, body })

const ends: Readonly<Record<string, (person: SignedIn, other: SignedIn) => Promise<unknown>>> = {
  logout: async person => await call('POST', '/v1/auth/logout', { token: person.token }),
  'ending it from another session': async (person, other) => {
    const { body } = await call('GET', '/v1/users/me/sessions', { token: person.token })
    const { id } = body.data.find(({ current }: { current: boolean }) => current)
    return await call('DELETE', `/v1/users/me/sessions/${id}`, { token: other.token })
  },
  'another password': async (_, { token }) => {
    const body = { currentPassword: password, newPassword: 'another walk' }
    return await call('PUT', '/v1/users/me/password', { token, body })
  },
  'another role': async ({ user }) => await patchUser(user, { role: 'AUDITOR' }),
  'a disabled account': async ({ user }) => await patchUser(user, { status: 'DISABLED' }),
  'a deleted account': async (_, { token }) => await call('POST', '/v1/users/me/delete', { token, body: { password } }),
  'a refresh token that is used again later': async person => {
    await refresh(person)
    // Shortly after its first use, this would be a retry.
    await sessions.updateMany({}, { $set: { exchanges: [] } })
    return await refresh(person)
  }
}

for (const [name, end] of Object.entries(ends)) {
  t.test(`401: ${name} ends access tokens at the gateway, also at one that starts afterwards`, async t => {
    const person = await signIn('OPERATOR')
    const other = await login(call, person.user.email, password)
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
  t.equal((await refresh(person)).status, 200)
  t.equal((await call('GET', '/v1/users', { token: person.token })).status, 200)
  await call('PATCH', `/v1/users/${person.user.id}`, { token: admin.token, body: { role: 'USER' } })
  await eventually(async () => (await call('GET', '/v1/users', { token: person.token })).status === 401)
  const again = await login(call, person.user.email, password)
  t.equal((await call('GET', '/v1/users', { token: again.token })).status, 403)
})

t.test('behind the gateway, a token is valid until it expires, because only the gateway reads the feed', async t => {
  const person = await signIn('USER')
  await call('POST', '/v1/auth/logout', { token: person.token })
  await eventually(async () => await statusOf(person) === 401)
  t.equal((await createCall(urls.event)('GET', '/v1/events', { token: person.token })).status, 200)
})
