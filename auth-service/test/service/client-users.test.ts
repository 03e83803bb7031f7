import t from 'tap'
import { password, readToken } from '../../../test/kit/servers/auth.ts'
import { admin, auth, clock, event, gate } from './shared.ts'

interface TestClient {
  readonly clientId: string
  readonly clientSecret: string
  readonly token: string
}

async function issueToken (clientId: string, clientSecret: string) {
  return await auth.call('POST', '/v1/auth/token', { body: { clientId, clientSecret } })
}

async function createClient (): Promise<TestClient> {
  const created = await auth.call('POST', '/v1/clients', { token: admin.token, body: { name: 'Game' } })
  const { clientId, clientSecret } = created.body
  return { clientId, clientSecret, token: (await issueToken(clientId, clientSecret)).body.accessToken }
}

const game = await createClient()
const shop = await createClient()
let players = 0
const newPlayerId = (): string => `player_${players++}-X`

async function put (id: string, body: object = {}, token = game.token) {
  return await auth.call('PUT', `/v1/users/${id}`, { token, body })
}

async function startSession (id: string, token = game.token) {
  return await auth.call('POST', `/v1/users/${id}/sessions`, { token })
}

async function erase (id: string, token = game.token) {
  return await auth.call('POST', `/v1/users/${id}/erase`, { token })
}

async function update (id: string, body: object) {
  return await auth.call('PATCH', `/v1/users/${id}`, { token: admin.token, body })
}

const notFound = { status: 404, body: { code: 'USER_NOT_FOUND' } }
const exists = { status: 409, body: { code: 'USER_EXISTS' } }

t.test('201: a machine client puts a user under its own id; 200 and a new name if it is put again', async t => {
  const id = newPlayerId()
  const { status, headers, body } = await put(id, { name: 'Kim' })
  t.equal(status, 201)
  t.equal(headers.get('etag'), '"1"')
  const { referralCode, createdAt } = body
  const user = {
    id,
    email: null,
    name: 'Kim',
    role: 'USER',
    status: 'ACTIVE',
    referralCode,
    clientId: game.clientId,
    createdAt
  }
  t.strictSame(body, user)
  t.match(await put(id), { status: 200, body: user }, 'without a name, the name does not change')
  t.match(await put(id, { name: 'Lee' }), { status: 200, body: { ...user, name: 'Lee' } })
  t.match(await auth.call('GET', `/v1/users/${id}`, { token: admin.token }), { body: { ...user, name: 'Lee' } })
  const found = await auth.call('GET', `/v1/users?q=${id}`, { token: admin.token })
  t.match(found.body.data, [{ id, email: null }])
})

t.test('201: users without an email address do not collide', async t => {
  for (let n = 0; n < 3; n++) t.equal((await put(newPlayerId())).status, 201)
})

t.test('404: an id that a machine client cannot choose', async t => {
  for (const id of ['me', 'x'.repeat(65), 'no.id']) t.match(await put(id), { status: 404 }, id)
  t.equal((await put('x'.repeat(64))).status, 201)
  for (const id of ['__proto__', 'constructor', '0', '-1']) t.equal((await put(id)).status, 201, id)
})

t.test('400: a name must be a string, and no other property is allowed', async t => {
  for (const body of [{ name: '' }, { name: ' ' }, { name: 7 }, { name: null }, { email: 'x@example.com' }]) {
    t.match(await put(newPlayerId(), body), { status: 400, body: { code: 'VALIDATION_FAILED' } }, JSON.stringify(body))
  }
})

t.test('409: an id that does not belong to this client', async t => {
  const id = newPlayerId()
  await put(id)
  t.match(await put(id, { name: 'Taken over' }, shop.token), exists)
  const registered = await auth.register()
  t.match(await put(registered.id, { name: 'Taken over' }), exists)
  t.match(await put(admin.user.id), exists)
  t.match(await auth.users.findOne({ _id: registered.id }), { name: null })
})

t.test('409: if two clients put the same id concurrently, one of them creates the user', async t => {
  for (let round = 0; round < 5; round++) {
    const id = newPlayerId()
    const answers = await Promise.all([put(id), put(id, {}, shop.token)])
    t.same(answers.map(({ status }) => status).sort(), [201, 409])
    const winner = answers.find(({ status }) => status === 201)?.body
    t.match(await auth.users.findOne({ _id: id }), { clientId: winner.clientId })
  }
})

t.test('200: if a client puts the same id several times concurrently, one request creates the user', async t => {
  const id = newPlayerId()
  const answers = await Promise.all(Array.from({ length: 8 }, async () => await put(id)))
  t.same(answers.map(({ status }) => status).sort(), [...Array.from({ length: 7 }, () => 200), 201])
})

t.test('404: a user who is erased while being renamed', async t => {
  const id = newPlayerId()
  await put(id)
  const { reached, open } = gate.hold('update', 'users')
  const rename = put(id, { name: 'Lee' })
  await reached
  await erase(id)
  open()
  t.match(await rename, notFound)
})

t.test('500: an unexpected error creates no user', async t => {
  await auth.db.command({ collMod: 'users', validator: { name: { $ne: 'Not to be stored' } } })
  const id = newPlayerId()
  t.match(await put(id, { name: 'Not to be stored' }), { status: 500, body: { code: 'INTERNAL_ERROR' } })
  t.equal(await auth.users.findOne({ _id: id }), null)
})

t.test('409: the id of a machine client, even a deleted one, because the user would share its limits', async t => {
  const deleted = await createClient()
  await auth.call('DELETE', `/v1/clients/${deleted.clientId}`, { token: admin.token })
  for (const { clientId } of [game, shop, deleted]) t.match(await put(clientId), exists)
})

t.test('409: the id of a deleted user who had registered cannot be put, because histories keep it', async t => {
  const { user, token } = await auth.signIn('USER')
  await auth.call('POST', '/v1/users/me/delete', { token, body: { password } })
  t.match(await put(user.id), exists)
  const id = newPlayerId()
  await put(id)
  await erase(id)
  t.match(await put(id, {}, shop.token), exists)
  t.equal((await put(id)).status, 201, 'but a client can put its own user again')
})

t.test('201: a machine client starts a session for its user, with the same tokens as a login', async t => {
  // The refresh belongs to the visit of the login.
  clock.now = new Date()
  const id = newPlayerId()
  await put(id, { name: 'Kim' })
  const { status, headers, body } = await startSession(id)
  t.equal(status, 201)
  t.equal(headers.get('cache-control'), 'no-store')
  t.match(body, { tokenType: 'Bearer', expiresIn: 900, user: { id, email: null, name: 'Kim' } })
  const { sub, role, sid } = readToken(body.accessToken).claims
  t.same([sub, role], [id, 'USER'])
  t.match(await auth.call('GET', '/v1/users/me', { token: body.accessToken }), { status: 200, body: { id } })
  const refreshed = await auth.call('POST', '/v1/auth/refresh', { body: { refreshToken: body.refreshToken } })
  t.equal(refreshed.status, 200)
  // An activity may be delivered twice.
  const types = new Map(event.deliveries.flatMap(({ activities }) => activities)
    .filter(({ userId }) => userId === id).map(({ id, type }) => [id, type]))
  t.same([...types.values()], ['user.login', 'user.visited'])
  t.equal((await auth.call('POST', '/v1/auth/logout', { token: body.accessToken })).status, 204)
  t.match(await auth.sessions.findOne({ _id: sid }), { endedAt: Date })
})

t.test('404: a machine client can start sessions only for its own users', async t => {
  const id = newPlayerId()
  await put(id)
  const registered = await auth.register()
  t.match(await startSession(id, shop.token), notFound)
  for (const other of [registered.id, admin.user.id, 'nobody', 'me', 'x'.repeat(129)]) {
    t.match(await startSession(other), notFound, other)
  }
})

t.test('404: a machine client cannot access a user with a password or a role above USER', async t => {
  const id = newPlayerId()
  await put(id)
  await auth.users.updateOne({ _id: id }, { $set: { role: 'OPERATOR' } })
  t.match(await startSession(id), notFound)
  t.match(await put(id, { name: 'Lee' }), exists)
  t.match(await erase(id), notFound)
  t.equal((await update(id, { role: 'USER' })).status, 200)
  t.equal((await startSession(id)).status, 201)
  await auth.users.updateOne({ _id: id }, { $set: { passwordHash: 'a hash' } })
  t.match(await startSession(id), notFound)
})

t.test('409: a disabled user gets no session, even if the user is disabled concurrently', async t => {
  const id = newPlayerId()
  await put(id)
  const { reached, open } = gate.hold('insert', 'sessions')
  const late = startSession(id)
  await reached
  await update(id, { status: 'DISABLED' })
  open()
  const notActive = { status: 409, body: { code: 'USER_NOT_ACTIVE' } }
  t.match(await late, notActive)
  t.match(await startSession(id), notActive)
  t.equal(await auth.sessions.countDocuments({ userId: id, endedAt: { $exists: false } }), 0)
  t.match(await put(id), { status: 200, body: { status: 'DISABLED' } })
})

t.test('409: a user without a password can neither change nor confirm one', async t => {
  const id = newPlayerId()
  await put(id)
  const { body: { accessToken: token } } = await startSession(id)
  const noPassword = { status: 409, body: { code: 'NO_PASSWORD' } }
  const change = { currentPassword: password, newPassword: 'a walk of the player' }
  t.match(await auth.call('PUT', '/v1/users/me/password', { token, body: change }), noPassword)
  t.match(await auth.call('POST', '/v1/users/me/delete', { token, body: { password } }), noPassword)
  for (const email of [id, 'null', 'undefined']) t.equal((await auth.tryLogin(email)).status, 401)
})

t.test('200: the users of a deleted client remain, and an ADMIN can assign them to another client', async t => {
  const old = await createClient()
  const id = newPlayerId()
  await put(id, {}, old.token)
  const session = await startSession(id, old.token)
  await auth.call('DELETE', `/v1/clients/${old.clientId}`, { token: admin.token })
  for (const answer of [
    await put(newPlayerId(), {}, old.token), await startSession(id, old.token), await erase(id, old.token)
  ]) t.match(answer, { status: 401, body: { code: 'UNAUTHENTICATED' } }, 'its token is no longer valid')
  t.match(await startSession(id), notFound)

  t.match(await update(id, { clientId: game.clientId }), { status: 200, body: { clientId: game.clientId } })
  const { refreshToken } = session.body
  t.equal((await auth.call('POST', '/v1/auth/refresh', { body: { refreshToken } })).status, 401, 'its sessions end')
  t.equal((await startSession(id)).status, 201)
  const { body: { data } } = await auth.call('GET', '/v1/audit/accounts?limit=1', { token: admin.token })
  t.match(data, [{
    action: 'updateUser', targetId: id, before: { clientId: old.clientId }, after: { clientId: game.clientId }
  }])
})

t.test('400: a user cannot be assigned to an unknown client, and a user with a password to no client', async t => {
  const id = newPlayerId()
  await put(id)
  const registered = await auth.register()
  for (const [user, clientId] of [[id, 'nobody'], [registered.id, game.clientId]] as const) {
    const answer = await update(user, { clientId })
    t.match(answer, { status: 400, body: { errors: [{ pointer: '/clientId' }] } }, user)
  }
  t.match(await auth.users.findOne({ _id: registered.id }), { clientId: undefined, version: 1 })
})

t.test('204: an erased user is logged out, and the data is erased here and in event-service', async t => {
  const id = newPlayerId()
  await put(id, { name: 'Erased Canary' })
  event.behave = async () => ({ status: 503, body: {} })
  const session = await startSession(id)
  event.behave = async () => ({ status: 200, body: {} })
  t.match(await erase(id), { status: 204, body: '' })
  const sent = event.deliveries.filter(({ path }) => path === 'POST /internal/erasures')
  t.match(sent.at(-1), { body: { userId: id } }, 'before the response')
  const { refreshToken } = session.body
  t.equal((await auth.call('POST', '/v1/auth/refresh', { body: { refreshToken } })).status, 401)
  t.match(await auth.call('GET', `/v1/users/${id}`, { token: admin.token }), notFound)
  for (const name of ['users', 'sessions', 'audits']) {
    t.notMatch(JSON.stringify(await auth.db.collection(name).find().toArray()), 'Erased Canary', name)
  }
  t.equal(await auth.sessions.countDocuments({ userId: id, outbox: { $exists: true } }), 0, 'nothing is pending')
  const { body: { data } } = await auth.call('GET', '/v1/audit/accounts?limit=1', { token: admin.token })
  t.match(data, [{ action: 'eraseUser', actorId: game.clientId, role: 'SERVICE', targetId: id }])
  t.match(await erase(id), notFound)
})

t.test('404: a machine client can erase only its own users; an ADMIN can erase any user', async t => {
  const id = newPlayerId()
  await put(id)
  const registered = await auth.signIn('OPERATOR')
  t.match(await erase(id, shop.token), notFound)
  t.match(await erase(registered.user.id), notFound)
  t.match(await erase('nobody', admin.token), notFound)
  for (const user of [id, registered.user.id]) t.equal((await erase(user, admin.token)).status, 204)
  t.match(await auth.tryLogin(registered.user.email), { status: 401 })
})

t.test('409: the last ADMIN cannot be erased', async t => {
  await auth.users.updateMany({ role: 'ADMIN', _id: { $ne: admin.user.id } }, { $set: { role: 'USER' } })
  t.match(await erase(admin.user.id, admin.token), { status: 409, body: { code: 'LAST_ADMIN' } })
})

t.test('200: a rotated secret is valid immediately, and the old one for keepOldFor seconds', async t => {
  const client = await createClient()
  const rotate = async (body: object) =>
    await auth.call('POST', `/v1/clients/${client.clientId}/secret`, { token: admin.token, body })
  const tryToken = async (secret: string): Promise<number> => (await issueToken(client.clientId, secret)).status
  const { status, headers, body } = await rotate({ keepOldFor: 600 })
  t.equal(status, 200)
  t.equal(headers.get('cache-control'), 'no-store')
  t.strictSame(body, { clientId: client.clientId, clientSecret: body.clientSecret })
  t.match(body.clientSecret, /^[\w-]{43}$/)
  t.same([await tryToken(client.clientSecret), await tryToken(body.clientSecret)], [200, 200])

  const clients = auth.db.collection<{ _id: string }>('clients')
  await clients.updateOne({ _id: client.clientId }, { $set: { 'oldSecret.validUntil': new Date() } })
  t.same([await tryToken(client.clientSecret), await tryToken(body.clientSecret)], [401, 200])

  const second = (await rotate({})).body.clientSecret
  t.same([await tryToken(body.clientSecret), await tryToken(second)], [401, 200], 'by default, the old one is invalid')
  const third = (await rotate({ keepOldFor: 600 })).body.clientSecret
  t.same([await tryToken(body.clientSecret), await tryToken(second), await tryToken(third)], [401, 200, 200])

  const { body: { data } } = await auth.call('GET', '/v1/audit/accounts?limit=1', { token: admin.token })
  t.match(data, [{ action: 'rotateClientSecret', targetType: 'CLIENT', targetId: client.clientId }])
  const stored = JSON.stringify(await clients.find().toArray()) + JSON.stringify(data)
  for (const secret of [body.clientSecret, second, third]) t.notMatch(stored, secret)
})

t.test('200: after concurrent rotations, only the last secret and the one before it are valid', async t => {
  const client = await createClient()
  const path = `/v1/clients/${client.clientId}/secret`
  const answers = await Promise.all(Array.from({ length: 4 }, async () =>
    await auth.call('POST', path, { token: admin.token, body: { keepOldFor: 600 } })))
  const secrets = [client.clientSecret, ...answers.map(({ body }) => body.clientSecret as string)]
  const statuses = await Promise.all(secrets.map(async secret => (await issueToken(client.clientId, secret)).status))
  t.equal(statuses.filter(status => status === 200).length, 2)
})

t.test('404: a secret of a client that does not exist, and 400 for an invalid time', async t => {
  const rotate = async (clientId: string, body: object) =>
    await auth.call('POST', `/v1/clients/${clientId}/secret`, { token: admin.token, body })
  t.match(await rotate('nobody', {}), { status: 404, body: { code: 'CLIENT_NOT_FOUND' } })
  for (const keepOldFor of [-1, 604_801, 1.5, '60', null]) {
    t.match(await rotate(game.clientId, { keepOldFor }), { status: 400 }, String(keepOldFor))
  }
  t.equal((await issueToken(game.clientId, game.clientSecret)).status, 200)
})
