import t from 'tap'
import { readToken, startAuth } from '../../../test/kit/servers/auth.ts'
import { eventually } from '../../../test/kit/run/eventually.ts'
import { startMongoLine } from '../../../test/kit/mongo/line.ts'
import { loadSigningKey } from '../../src/keys/signing-key.ts'
import { admin, auth, clock, database, gate, stopClock } from './shared.ts'

const refused = { status: 401, body: { code: 'INVALID_REFRESH_TOKEN' } }

async function refresh (refreshToken: unknown) {
  return await auth.call('POST', '/v1/auth/refresh', { body: { refreshToken } })
}

/** Moves the last use of a session into the past. */
async function ageSession (sid: string, seconds: number): Promise<void> {
  const usedAt = new Date(Date.now() - seconds * 1000)
  await auth.sessions.updateOne({ _id: sid }, { $set: { usedAt } })
}

/** Returns the time that the clock of auth-service showed this many seconds ago. */
function ago (seconds: number): Date {
  return new Date((clock.now?.getTime() ?? Date.now()) - seconds * 1000)
}

/** Moves the first uses of all refresh tokens of a session into the past. */
async function ageExchanges (sid: string, seconds: number): Promise<void> {
  const at = ago(seconds)
  await auth.sessions.updateOne({ _id: sid }, { $set: { 'exchanges.$[].at': at } })
}

t.test('200: a refresh token is exchanged for new tokens of the same session', async t => {
  const { user, claims, refreshToken } = await auth.signIn('OPERATOR')
  const { status, headers, body } = await refresh(refreshToken)
  t.equal(status, 200)
  t.equal(headers.get('cache-control'), 'no-store')
  const { accessToken, refreshToken: successor } = body
  t.strictSame(body, { accessToken, tokenType: 'Bearer', expiresIn: 900, refreshToken: successor, user })
  t.match(readToken(body.accessToken).claims, { sub: user.id, sid: claims['sid'], role: 'OPERATOR' })
  t.not(readToken(body.accessToken).claims['jti'], claims['jti'])
  t.match(body.refreshToken, new RegExp(`^${claims['sid']}\\.1\\.`))
  t.equal((await refresh(body.refreshToken)).body.refreshToken.split('.')[1], '2')
})

t.test('200: fifty concurrent uses get the same successor', async t => {
  stopClock()
  const { claims, refreshToken } = await auth.signIn('USER')
  const answers = await Promise.all(Array.from({ length: 50 }, async () => await refresh(refreshToken)))
  t.same(new Set(answers.map(({ status }) => status)), new Set([200]))
  t.equal(new Set(answers.map(({ body }) => body.refreshToken)).size, 1)
  t.match(await auth.sessions.findOne({ _id: claims['sid'] }), { generation: 1, endedAt: undefined })
})

t.test('200: a retry within 10 seconds gets the same successor', async t => {
  stopClock()
  const { claims, refreshToken } = await auth.signIn('USER')
  const first = await refresh(refreshToken)
  await ageExchanges(claims['sid'], 9)
  t.match(await refresh(refreshToken), { status: 200, body: { refreshToken: first.body.refreshToken } })
  t.equal((await refresh(first.body.refreshToken)).status, 200, 'and the successor is valid')
})

t.test('200: a retry gets the same successor even if the successor has already been used', async t => {
  stopClock()
  const { claims: { sid }, refreshToken } = await auth.signIn('USER')
  const tokens = [refreshToken]
  for (let n = 0; n < 4; n++) tokens.push((await refresh(tokens.at(-1))).body.refreshToken)
  for (const [n, token] of tokens.slice(0, 4).entries()) {
    t.match(await refresh(token), { status: 200, body: { refreshToken: tokens[n + 1] } }, `token ${n}`)
  }
  t.match(await auth.sessions.findOne({ _id: sid }), { generation: 4, endedAt: undefined })
})

t.test('200: five tabs that refresh one after another within seconds keep the session', async t => {
  stopClock()
  const { claims: { sid }, refreshToken } = await auth.signIn('USER')
  const tabs = Array.from({ length: 5 }, () => refreshToken)
  for (let round = 0; round < 3; round++) {
    const answers = await Promise.all(tabs.map(async token => await refresh(token)))
    t.same(new Set(answers.map(({ status }) => status)), new Set([200]))
    for (const [tab, { body }] of answers.entries()) tabs[tab] = body.refreshToken
  }
  t.match(await auth.sessions.findOne({ _id: sid }), { generation: 3, endedAt: undefined })
})

t.test('401: each token counts as stolen 10 seconds after its own first use, and the session ends', async t => {
  stopClock()
  for (const used of [0, 1]) {
    const { claims: { sid }, refreshToken } = await auth.signIn('USER')
    const tokens = [refreshToken]
    for (let n = 0; n < 3; n++) tokens.push((await refresh(tokens.at(-1))).body.refreshToken)
    const at = ago(11)
    await auth.sessions.updateOne({ _id: sid }, { $set: { [`exchanges.${used}.at`]: at } })
    t.equal((await refresh(tokens[2])).status, 200, 'another token is within its own window')
    t.match(await refresh(tokens[used]), refused)
    t.match(await auth.sessions.findOne({ _id: sid }), { endedAt: Date })
    for (const token of tokens) t.match(await refresh(token), refused)
  }
})

t.test('401: a token whose first use is no longer stored counts as stolen', async t => {
  stopClock()
  const { claims: { sid }, refreshToken } = await auth.signIn('USER')
  const { body } = await refresh(refreshToken)
  await ageExchanges(sid, 11)
  t.equal((await refresh(body.refreshToken)).status, 200)
  t.match(await auth.sessions.findOne({ _id: sid }), { exchanges: [{ generation: 1 }] }, 'only recent uses are kept')
  t.match(await refresh(refreshToken), refused)
  t.match(await auth.sessions.findOne({ _id: sid }), { endedAt: Date })
})

t.test('401: a reused token is recorded once in the account audit, even for 20 concurrent reuses', async t => {
  const { user, claims: { sid }, refreshToken } = await auth.signIn('OPERATOR')
  await refresh(refreshToken)
  await ageExchanges(sid, 11)
  const answers = await Promise.all(Array.from({ length: 20 }, async () => await refresh(refreshToken)))
  for (const answer of answers) t.match(answer, refused)
  const { body: { data } } = await auth.call('GET', '/v1/audit/accounts?limit=100', { token: admin.token })
  const entries = data.filter(({ targetId }: { targetId: string }) => targetId === user.id)
    .filter(({ action }: { action: string }) => action === 'refreshTokenReused')
  t.match(entries, [{ actorId: user.id, role: 'OPERATOR', targetType: 'USER', after: { sessionId: sid } }])
  t.equal(entries.length, 1)
  t.ok(answers.some(({ headers }) => headers.get('x-request-id') === entries[0].requestId))
})

t.test('401: a reused token of a user without an account is recorded, too', async t => {
  const { user, claims: { sid }, refreshToken } = await auth.signIn('USER')
  await refresh(refreshToken)
  await ageExchanges(sid, 11)
  await auth.users.deleteOne({ _id: user.id })
  t.match(await refresh(refreshToken), refused)
  const { body: { data } } = await auth.call('GET', '/v1/audit/accounts?limit=1', { token: admin.token })
  t.match(data, [{ action: 'refreshTokenReused', actorId: user.id, role: 'USER' }])
})

t.test('401: a wrong MAC does not end the session, because a session id is not a secret', async t => {
  const { claims: { sid }, refreshToken } = await auth.signIn('USER')
  const { body } = await refresh(refreshToken)
  const mac = body.refreshToken.split('.')[2]
  const foreign = loadSigningKey(undefined, t.testdir({}))
  for (const token of [
    `${sid}.0.${mac}`,
    `${sid}.2.${mac}`,
    `${sid}.1.${foreign.macOf(`${sid}.1`)}`,
    `${sid}.1.`,
    `${sid}.1.${mac.slice(1)}`,
    `${sid}.1.${mac}A`,
    `${sid}.01.${mac}`,
    `${sid}.1`,
    sid,
    `${sid}.-1.${mac}`,
    `.1.${mac}`,
    'x',
    ` ${body.refreshToken}`,
    `${body.refreshToken}\n`
  ]) t.match(await refresh(token), refused, token)
  t.equal((await refresh(body.refreshToken)).status, 200)
})

t.test('401: a generation that does not exist yet, and a session that was deleted', async t => {
  const { claims: { sid }, refreshToken } = await auth.signIn('USER')
  const key = loadSigningKey(undefined, String(auth.env['DATA_DIR']))
  t.match(await refresh(`${sid}.7.${key.macOf(`${sid}.7`)}`), refused)
  t.match(await auth.sessions.findOne({ _id: sid }), { endedAt: undefined }, 'a restored database is not a theft')
  await auth.sessions.deleteOne({ _id: sid })
  t.match(await refresh(refreshToken), refused)
})

t.test('401: a session ends after REFRESH_IDLE_TTL without a refresh, and always after REFRESH_TOKEN_TTL', async t => {
  const idle = await auth.signIn('USER')
  await ageSession(idle.claims['sid'], 1_209_601)
  t.match(await refresh(idle.refreshToken), refused)
  await ageSession(idle.claims['sid'], 1_209_000)
  t.equal((await refresh(idle.refreshToken)).status, 200)

  const old = await auth.signIn('USER')
  await auth.sessions.updateOne({ _id: old.claims['sid'] }, { $set: { expiresAt: new Date() } })
  t.match(await refresh(old.refreshToken), refused)
})

t.test('401: a disabled or deleted account cannot refresh', async t => {
  const [disabled, gone] = [await auth.signIn('USER'), await auth.signIn('USER')]
  await auth.users.updateOne({ _id: disabled.user.id }, { $set: { status: 'DISABLED' } })
  await auth.users.deleteOne({ _id: gone.user.id })
  for (const { refreshToken } of [disabled, gone]) t.match(await refresh(refreshToken), refused)
})

t.test('400: a refresh token must be a string', async t => {
  for (const body of [
    {},
    { refreshToken: 1 },
    { refreshToken: { $gt: '' } },
    { refreshToken: '' },
    { refreshToken: 'x'.repeat(513) },
    { refreshToken: 'x', more: 1 }
  ]) {
    const answer = await auth.call('POST', '/v1/auth/refresh', { body })
    t.match(answer, { status: 400, body: { code: 'VALIDATION_FAILED' } })
  }
})

t.test('401: a refresh during a logout does not keep the session alive', async t => {
  const { claims: { sid }, token, refreshToken } = await auth.signIn('USER')
  const { reached, open } = gate.hold('findAndModify', 'sessions')
  const racing = refresh(refreshToken)
  await reached
  t.equal((await auth.call('POST', '/v1/auth/logout', { token })).status, 204)
  open()
  t.match(await racing, refused)
  t.match(await auth.sessions.findOne({ _id: sid }), { generation: 0, endedAt: Date })
})

t.test('200: an exchange whose response from MongoDB is lost takes effect once', async t => {
  const line = await startMongoLine(t, database.uri)
  const env = { AUTH_MONGODB_URI: line.uri, DATA_DIR: String(auth.env['DATA_DIR']) }
  const stopped = stopClock()
  const other = await startAuth(t, env, database, { now: () => stopped })
  const { claims: { sid }, refreshToken } = await auth.signIn('USER')
  line.loseAnswersTo('findAndModify')
  const lost = other.call('POST', '/v1/auth/refresh', { body: { refreshToken } })
  await eventually(async () => (await auth.sessions.findOne({ _id: sid }))?.['generation'] === 1)
  line.mend()
  line.cut()
  line.mend()
  await lost
  const again = await refresh(refreshToken)
  t.match(again, { status: 200, body: { refreshToken: new RegExp(`^${sid}\\.1\\.`) } })
})
