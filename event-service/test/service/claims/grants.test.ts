import t from 'tap'
import { activeEvent, changedEvent, runningEvent } from '../../../../test/kit/servers/events.ts'
import { inFullRun } from '../../../../test/kit/run/size.ts'
import { as, atOnce, newUserId, type Row } from '../../../../test/kit/servers/event-service.ts'
import { sharedEventService } from '../../../../test/kit/servers/shared-event-service.ts'

const { call, server, db, did, url, accounts, lookups } = await sharedEventService()
const operatorId = newUserId()
const operator = as('OPERATOR', operatorId)
const claims = db.collection<Row>('claims')
const login = { aggregation: 'count', activity: 'user.login', target: 1 } as const
const day = 86_400_000

interface Options {
  readonly query?: string
  readonly headers?: Record<string, string>
  readonly turn?: number
  readonly token?: string
}

async function grant (eventId: string, body: object, options: Options = {}) {
  const { query = '', headers = {}, turn = 0, token = operator } = options
  return await server(turn)('POST', `/v1/events/${eventId}/grants${query}`, { token, body, headers })
}
const list = (userIds: readonly string[], given: object = {}) =>
  ({ grants: userIds.map(userId => ({ userId })), condition: 'CHECK', reason: 'an outage', ...given })
const users = (count: number): string[] => Array.from({ length: count }, newUserId)
const codesOf = (results: ReadonlyArray<{ ok: boolean, code?: string }>) => results.map(({ ok, code }) => ok || code)
const claimed = async (eventId: string) => await claims.countDocuments({ eventId })
const audited = async (eventId: string) =>
  await db.collection('audits').find({ targetId: eventId, action: 'grantRewards' }).toArray()

t.test('200: users receive the rewards; the history shows who granted them and why, but not to users', async t => {
  const eventId = await activeEvent(call, operator)
  const [userId = '', other = ''] = users(2)
  const { status, body } = await grant(eventId, list([userId, other]))
  t.equal(status, 200)
  t.match(body.results, [
    {
      userId,
      ok: true,
      claim: {
        userId,
        status: 'GRANTED',
        period: 'EVENT',
        history: [{ by: operatorId, role: 'OPERATOR', from: null, to: 'GRANTED', note: 'an outage' }]
      }
    },
    { userId: other, ok: true }
  ])
  const token = as('USER', userId)
  t.match((await call('GET', '/v1/users/me/wallet', { token })).body, { points: 500 })
  const mine = JSON.stringify((await call('GET', `/v1/claims/${body.results[0].claim.id}`, { token })).body)
  for (const hidden of [operatorId, 'an outage']) t.notOk(mine.includes(hidden), hidden)
  t.match(await audited(eventId), [
    { actorId: operatorId, after: { grants: 2, condition: 'CHECK' }, note: 'an outage' }
  ])
})

t.test('200: CHECK decides like a claim of the user, but a refusal writes nothing', async t => {
  const eventId = await activeEvent(call, operator, login)
  const [eligible = '', idle = '', earlier = ''] = users(3)
  await did(eligible, 'user.login')
  const refused = await call('POST', `/v1/events/${eventId}/claims`, { token: as('USER', earlier) })
  t.match(refused.body, { code: 'CONDITIONS_NOT_MET' })
  const { body: { results } } = await grant(eventId, list([idle, eligible, earlier]))
  t.same(codesOf(results), ['CONDITIONS_NOT_MET', true, 'CONDITIONS_NOT_MET'])
  t.match(results[1].claim, { progress: { met: true, current: 1 } })
  t.equal(await claims.countDocuments({ eventId, userId: idle }), 0)
  t.match(await claims.findOne({ eventId, userId: earlier }), { attempts: 1, history: { length: 1 } })
})

t.test('200: WAIVE ignores the condition, the dates and the status of an event that has been ACTIVE', async t => {
  const eventId = await activeEvent(call, operator, login)
  const [userId = '', failed = ''] = users(2)
  await call('POST', `/v1/events/${eventId}/claims`, { token: as('USER', failed) })
  await call('PATCH', `/v1/events/${eventId}`, { token: operator, body: { status: 'INACTIVE' } })
  t.same(codesOf((await grant(eventId, list([userId]))).body.results), ['EVENT_INACTIVE'])
  await db.collection<Row>('events').updateOne({ _id: eventId }, { $set: { endsAt: new Date(Date.now() - 1000) } })
  const { body: { results } } = await grant(eventId, list([userId, failed], { condition: 'WAIVE' }))
  t.match(results, [
    { ok: true, claim: { status: 'GRANTED', progress: { met: false } } },
    {
      ok: true,
      claim: { status: 'GRANTED', attempts: 2, history: [{ to: 'FAILED' }, { from: 'FAILED', by: operatorId }] }
    }
  ])

  const { body: draft } = await call('POST', '/v1/events', { token: operator, body: runningEvent() })
  for (const condition of ['CHECK', 'WAIVE']) {
    t.same(codesOf((await grant(draft.id, list([userId], { condition }))).body.results), ['EVENT_INACTIVE'], condition)
  }
  t.equal(await claimed(draft.id), 0)

  const emptied = await changedEvent(call, db, operator, { rewards: [] }, login)
  t.same(codesOf((await grant(emptied, list([userId], { condition: 'WAIVE' }))).body.results), ['NO_REWARDS'])
})

for (const claimPeriod of ['EVENT', 'DAY', 'WEEK', 'MONTH'] as const) {
  t.test(`PERIOD_NOT_FOUND for a name that is no ${claimPeriod}; the other grants succeed`, async t => {
    const eventId = await activeEvent(call, operator, null, [{ type: 'POINT', name: 'x', amount: 1 }], { claimPeriod })
    const names = ['2026-W3E13', '2026-W-9E9', '2026-02-30', '9999-W99', 'W2026-02-30', '-271821-04-2']
    const [first = '', ...rest] = users(names.length + 1)
    const grants = [{ userId: first }, ...rest.map((userId, index) => ({ userId, period: names[index] }))]
    const { status, body } = await grant(eventId, { ...list([]), grants, condition: 'WAIVE' })
    t.same([status, codesOf(body.results)], [200, [true, ...names.map(() => 'PERIOD_NOT_FOUND')]])
    const csv = `userId,period\n${first},-271821-04-20\n${first},+275760-09-13\n`
    const file = await grantFile(eventId, csv, '?condition=WAIVE&reason=x')
    t.same([file.status, codesOf(file.body.results)], [200, ['PERIOD_NOT_FOUND', 'PERIOD_NOT_FOUND']])
  })
}

t.test('200: stock and the limit per period apply to manual grants; repeating the list is safe', async t => {
  const eventId = await activeEvent(call, operator, null, [{ type: 'POINT', name: 'Points', amount: 1, stock: 3 }])
  const userIds = users(5)
  const order = list([...userIds, userIds[0] as string], { condition: 'WAIVE' })
  const first = codesOf((await grant(eventId, order)).body.results)
  t.equal(first.filter(code => code === true).length, 3)
  t.equal(first.filter(code => code === 'OUT_OF_STOCK').length, 2)
  t.equal(first.at(-1), 'ALREADY_CLAIMED')
  const again = codesOf((await grant(eventId, order, { turn: 1 })).body.results)
  t.equal(again.filter(code => code === 'ALREADY_CLAIMED').length, 4)
  t.equal(await claimed(eventId), 3, 'refusals are not recorded')
})

t.test('200: rejected and revoked claims are not granted again', async t => {
  const eventId = await activeEvent(call, operator, null, undefined, { grantMode: 'REVIEW' })
  const userIds = users(2)
  const [rejected, revoked] = await atOnce(2, async index =>
    (await call('POST', `/v1/events/${eventId}/claims`, { token: as('USER', userIds[index]) })).body.id)
  await call('POST', `/v1/claims/${rejected as string}/reject`, { token: operator, body: { reason: 'x' } })
  await call('POST', `/v1/claims/${revoked as string}/approve`, { token: operator })
  await call('POST', `/v1/claims/${revoked as string}/revoke`, { token: as('ADMIN'), body: { reason: 'x' } })
  const { body: { results } } = await grant(eventId, list(userIds, { condition: 'WAIVE' }))
  t.same(codesOf(results), ['CLAIM_REJECTED', 'CLAIM_REVOKED'])
})

t.test('200: accounts are looked up in one request; the caller, unknown and disabled accounts get nothing', async t => {
  const eventId = await activeEvent(call, operator)
  const [good = '', gone = '', disabled = ''] = users(3)
  accounts.set(gone, 'gone').set(disabled, 'DISABLED')
  const before = lookups()
  const { body: { results } } = await grant(eventId, list([gone, operatorId, good, disabled, good]))
  t.same(codesOf(results), ['USER_NOT_FOUND', 'SELF_GRANT', true, 'USER_NOT_ACTIVE', 'ALREADY_CLAIMED'])
  t.equal(lookups() - before, 1)
  t.same(codesOf((await grant(eventId, list([operatorId]))).body.results), ['SELF_GRANT'])
  t.equal((await audited(eventId)).length, 1, 'a list without successful grants is not audited')
})

t.test('503: if the accounts cannot be looked up, nothing is written', async t => {
  const eventId = await activeEvent(call, operator)
  const userId = newUserId()
  accounts.set(userId, 'silent')
  t.match(await grant(eventId, list([userId, newUserId()])), { status: 503, body: { code: 'SERVICE_UNAVAILABLE' } })
  t.same([await claimed(eventId), (await audited(eventId)).length], [0, 0])
})

t.test('200: an earlier period is decided with its own evidence', async t => {
  const eventId = await activeEvent(call, operator, login, undefined, {
    claimPeriod: 'DAY', startsAt: new Date(Date.now() - 3 * day).toISOString(), timeZone: 'Asia/Seoul'
  })
  const seoul = (time: number): string => new Date(time + 9 * 3_600_000).toISOString().slice(0, 10)
  const [today, yesterday] = [seoul(Date.now()), seoul(Date.now() - day)]
  const [userId = '', idle = ''] = users(2)
  await did(userId, 'user.login', { occurredAt: new Date(Date.now() - day).toISOString() })
  const grants = [
    { userId, period: yesterday }, { userId: idle, period: yesterday }, { userId }, { userId, period: today },
    { userId, period: seoul(Date.now() + day) }, { userId, period: seoul(Date.now() - 9 * day) },
    { userId, period: 'EVENT' }, { userId, period: '2026-W47' }
  ]
  const { body: { results } } = await grant(eventId, { ...list([]), grants })
  t.same(codesOf(results), [
    true, 'CONDITIONS_NOT_MET', 'CONDITIONS_NOT_MET', 'CONDITIONS_NOT_MET', ...Array(4).fill('PERIOD_NOT_FOUND')
  ])
  t.equal(results[0].claim.period, yesterday)
  const waived = await grant(eventId, { ...list([], { condition: 'WAIVE' }), grants })
  t.same(codesOf(waived.body.results), [
    'ALREADY_CLAIMED', true, true, 'ALREADY_CLAIMED', ...Array(4).fill('PERIOD_NOT_FOUND')
  ])
  t.equal(await claimed(eventId), 3)
})

t.test('200 PENDING: on a REVIEW event another operator has to decide', async t => {
  const eventId = await activeEvent(call, operator, null, undefined, { grantMode: 'REVIEW' })
  const { body: { results: [{ claim: { id, status } }] } } = await grant(eventId, list(users(1)))
  t.equal(status, 'PENDING')
  for (const [action, body] of [['approve', {}], ['reject', { reason: 'x' }]] as const) {
    t.match(await call('POST', `/v1/claims/${id as string}/${action}`, { token: operator, body }), {
      status: 403,
      body: { code: 'SELF_REVIEW', detail: 'You cannot review a claim that you granted manually.' }
    })
  }
  t.match(await call('POST', `/v1/claims/${id as string}/approve`, { token: as('OPERATOR') }), {
    status: 200,
    body: { status: 'GRANTED' }
  })
})

t.test('200: users who claim while lists are granted get each reward once', async t => {
  const eventId = await activeEvent(call, operator, login, [{ type: 'POINT', name: 'Points', amount: 1, stock: 1000 }])
  const userIds = users(20)
  await atOnce(10, async index => { await did(userIds[index] as string, 'user.login') })
  const claim = async (userId: string, turn: number) =>
    await server(turn)('POST', `/v1/events/${eventId}/claims`, { token: as('USER', userId) })
  const [granted, again, ...answers] = await Promise.all([
    grant(eventId, list(userIds, { condition: 'WAIVE' })),
    grant(eventId, list(userIds, { condition: 'WAIVE' }), { turn: 1, token: as('OPERATOR') }),
    ...userIds.flatMap((userId, index) => [claim(userId, index), claim(userId, index + 1)])
  ])
  for (const [index, userId] of userIds.entries()) {
    const successes = [granted, again].filter(({ body }) => body.results[index].ok).length +
      [answers[2 * index], answers[2 * index + 1]].filter(answer => answer?.status === 201).length
    t.equal(successes, 1, userId)
  }
  const rows = await claims.find({ eventId }).toArray()
  t.equal(rows.length, 20)
  t.equal(new Set(rows.map(({ slot }) => slot)).size, 20)
  t.ok(rows.every(({ status }) => status === 'GRANTED'))
})

t.test('200: a manual grant and a claim of the same user in one batch result in one grant', async t => {
  for (let round = 0; round < inFullRun(10, 4); round++) {
    const eventId = await activeEvent(call, operator, login, [{ type: 'POINT', name: 'Points', amount: 1, stock: 2 }])
    const userId = newUserId()
    const [granted, claim] = await Promise.all([
      grant(eventId, list([userId], { condition: 'WAIVE' })),
      call('POST', `/v1/events/${eventId}/claims`, { token: as('USER', userId) })
    ])
    t.same(codesOf(granted.body.results), [true])
    t.equal(claim.status, 409)
    t.equal((await grant(eventId, list(users(1), { condition: 'WAIVE' }))).body.results[0].ok, true, 'no unit is lost')
  }
})

t.test('200 dryRun: decides like the grant, and writes nothing', async t => {
  const eventId = await activeEvent(call, operator, login, [{ type: 'POINT', name: 'Points', amount: 1, stock: 2 }])
  const [a = '', b = '', c = '', idle = ''] = users(4)
  for (const userId of [a, b, c]) await did(userId, 'user.login')
  const order = list([idle, a, a, operatorId, b, c])
  const { body: { results } } = await grant(eventId, order, { query: '?dryRun=true' })
  t.same(results[1], { userId: a, ok: true })
  t.same([await claimed(eventId), (await audited(eventId)).length], [0, 0])
  const real = (await grant(eventId, order, { query: '?dryRun=false' })).body.results
  const expected = ['CONDITIONS_NOT_MET', true, 'ALREADY_CLAIMED', 'SELF_GRANT', true, 'OUT_OF_STOCK']
  t.same(codesOf(results), expected)
  t.same(codesOf(real), expected)
  const unlimited = await activeEvent(call, operator)
  const [userId = ''] = users(1)
  const dry = await grant(unlimited, list([userId, userId]), { query: '?dryRun=true' })
  t.same(codesOf(dry.body.results), [true, 'ALREADY_CLAIMED'])
})

t.test('200 idempotent-replayed: the same key gets the first successes again', async t => {
  const eventId = await activeEvent(call, operator)
  const order = list(users(3))
  const headers = { 'idempotency-key': 'outage-1' }
  const first = await grant(eventId, order, { headers })
  t.equal(first.headers.get('idempotent-replayed'), null)
  const second = await grant(eventId, order, { headers, turn: 1 })
  t.equal(second.headers.get('idempotent-replayed'), 'true')
  t.same(second.body, first.body)
  const other = await grant(eventId, order, { headers, token: as('OPERATOR') })
  t.same(codesOf(other.body.results), Array(3).fill('ALREADY_CLAIMED'), 'a key belongs to its caller')
})

t.test('200 idempotent-replayed: a grant stands even if the account has been disabled or erased since', async t => {
  const dayBefore = (days: number) => new Date(Date.now() - days * day).toISOString().slice(0, 10)
  const days = { startsAt: `${dayBefore(5)}T00:00:00Z`, claimPeriod: 'DAY', timeZone: 'UTC' }
  const eventId = await activeEvent(call, operator, null, undefined, days)
  const headers = { 'idempotency-key': 'outage-2' }
  const [disabled = '', gone = '', active = '', refused = ''] = users(4)
  const order = list([], {
    grants: [{ userId: disabled }, { userId: gone, period: dayBefore(2) }, { userId: active }, { userId: refused }]
  })
  accounts.set(refused, 'DISABLED')
  const first = await grant(eventId, order, { headers })
  t.same(codesOf(first.body.results), [true, true, true, 'USER_NOT_ACTIVE'])

  accounts.set(disabled, 'DISABLED').set(gone, 'gone')
  const second = await grant(eventId, order, { headers, turn: 1 })
  t.equal(second.headers.get('idempotent-replayed'), 'true')
  t.same(second.body, first.body)

  const [{ claim: { id } }] = first.body.results
  await call('POST', `/v1/claims/${id as string}/revoke`, { token: as('ADMIN'), body: { reason: 'a mistake' } })
  // As if a day had ended since the first request.
  const row = await claims.findOne({ _id: id }) as Row
  const earlier = { ...row, _id: `${eventId}_${disabled}_${dayBefore(1)}`, period: dayBefore(1) }
  await claims.deleteOne({ _id: id })
  await claims.insertOne(earlier)
  t.match((await grant(eventId, order, { headers })).body.results, [
    { ok: true, claim: { id: earlier._id, status: 'REVOKED' } }
  ])

  const others = await grant(eventId, order, { headers: { 'idempotency-key': 'outage-3' } })
  t.same(codesOf(others.body.results), [
    'USER_NOT_ACTIVE', 'USER_NOT_FOUND', 'ALREADY_CLAIMED', 'USER_NOT_ACTIVE'
  ], 'another key')
  t.same(codesOf((await grant(eventId, order)).body.results), codesOf(others.body.results), 'no key')
  const dry = await grant(eventId, order, { headers, query: '?dryRun=true' })
  t.same(codesOf(dry.body.results), codesOf(others.body.results), 'a dry run grants nothing')
  t.equal(await claimed(eventId), 3)

  await claims.updateOne({ _id: earlier._id }, { $set: { history: 'damaged' } })
  t.same(codesOf((await grant(eventId, order, { headers })).body.results), [
    'USER_NOT_ACTIVE', true, true, 'USER_NOT_ACTIVE'
  ], 'a claim that cannot be read')
  await claims.deleteOne({ _id: earlier._id })
})

t.test('200: five hundred grants are one batch', async t => {
  const eventId = await activeEvent(call, operator)
  const before = await batches()
  const { body: { results } } = await grant(eventId, list(users(500)))
  t.ok(results.every(({ ok }: { ok: boolean }) => ok))
  t.equal(await batches() - before, 1)
  t.equal(await claimed(eventId), 500)
})

t.test('404 EVENT_NOT_FOUND, 400: the response names the error, and nothing is written', async t => {
  t.match(await grant('nowhere', list(users(1))), { status: 404, body: { code: 'EVENT_NOT_FOUND' } })
  const eventId = await activeEvent(call, operator)
  const [userId = ''] = users(1)
  for (const body of [
    list([]), list(users(501)), list(['a b']), list([userId], { condition: 'MAYBE' }), list([userId], { reason: ' ' }),
    { ...list([]), grants: [{ userId, period: '' }] }, { ...list([userId]), more: 1 }, {}
  ]) t.match(await grant(eventId, body), { status: 400, body: { code: 'VALIDATION_FAILED' } })
  for (const query of ['?dryRun=yes', '?condition=CHECK', '?reason=x', '?more=1']) {
    const answer = await grant(eventId, list([userId]), { query })
    t.match(answer, { status: 400, body: { code: 'VALIDATION_FAILED' } }, query)
  }
  t.equal(await claimed(eventId), 0)
})

async function grantFile (
  eventId: string, csv: string | Buffer, query = '?condition=CHECK&reason=outage', type = 'text/csv'
) {
  const response = await fetch(`${url}/v1/events/${eventId}/grants${query}`, {
    method: 'POST', headers: { authorization: `Bearer ${operator}`, 'content-type': type }, body: csv
  })
  return { status: response.status, body: await response.json() as any }
}

t.test('200 CSV: an invalid line is reported with its number and does not affect other lines', async t => {
  const eventId = await activeEvent(call, operator, null, undefined, { claimPeriod: 'MONTH', timeZone: 'UTC' })
  const month = new Date().toISOString().slice(0, 7)
  const [a = '', b = '', c = ''] = users(3)
  const csv = `\uFEFF period , userId\r\n,${a}\r\n\r\n"${month}","${b}"\n` +
    `"${month},${c}\n1,2,3\n,a b\n1999-01,${c}\n , ${c} \n`
  const { status, body } = await grantFile(eventId, csv)
  t.equal(status, 200)
  t.match(body.results, [
    { line: 2, userId: a, ok: true, claim: { period: month } },
    { line: 4, userId: b, ok: true, claim: { period: month } },
    { line: 5, ok: false, code: 'INVALID_LINE', detail: 'Line 5 is not CSV (RFC 4180).' },
    { line: 6, ok: false, code: 'INVALID_LINE', detail: 'Line 6 has 3 cells; the first line has 2.' },
    { line: 7, ok: false, code: 'INVALID_LINE', detail: 'Line 7 has no valid userId.' },
    { line: 8, userId: c, ok: false, code: 'PERIOD_NOT_FOUND' },
    { line: 9, userId: c, ok: true }
  ])
  t.equal(body.results.length, 7)
  t.match((await grantFile(eventId, 'userId\na b')).body.results, [{ line: 2, code: 'INVALID_LINE' }])
})

t.test('200 CSV: cells of the export of claims are accepted as they are', async t => {
  const eventId = await activeEvent(call, operator, null, undefined, { claimPeriod: 'DAY' })
  const numeric = `00${Date.now()}`
  await call('POST', `/v1/events/${eventId}/claims`, { token: as('USER', numeric) })
  const exported = await call('GET', `/v1/claims/export?eventId=${eventId}`, { token: operator })
  const [, , , userCell = '', periodCell = ''] = exported.body.split('\r\n')[1].split(',')
  t.same([userCell, periodCell[0]], [`'${numeric}`, '\''])
  const [other = ''] = users(1)
  const lines = [
    `${other},${periodCell}`, `${userCell},${periodCell}`, `'${other},`, `''${other},`, '\',', `${other},''`
  ]
  const { body } = await grantFile(eventId, `userId,period\n${lines.join('\n')}\n`)
  t.match(body.results, [
    { userId: other, ok: true, claim: { period: periodCell.slice(1) } },
    { userId: numeric, code: 'ALREADY_CLAIMED' },
    { userId: other, code: 'ALREADY_CLAIMED' },
    { line: 5, code: 'INVALID_LINE' },
    { line: 6, code: 'INVALID_LINE' },
    { userId: other, code: 'PERIOD_NOT_FOUND' }
  ])
})

t.test('200 CSV: the charset of the content type is respected', async t => {
  const eventId = await activeEvent(call, operator)
  const [userId = ''] = users(1)
  const file = Buffer.from(`\uFEFFuserId\r\n${userId}\r\n`, 'utf16le')
  const query = '?condition=CHECK&reason=outage'
  t.match(await grantFile(eventId, file, query), { status: 400, body: { detail: /charset=utf-16/ } })
  const { body } = await grantFile(eventId, file, query, 'text/csv; charset=utf-16; header=present')
  t.match(body.results, [{ line: 2, userId, ok: true }])
  t.match(await grantFile(eventId, 'userId\nx', query, 'text/csv; header=absent'), { status: 400 })
})

const longList = inFullRun(10_000, 2500)
t.test(`200 CSV: ${longList} lines are answered in chunks; a failed chunk does not affect the others`, async t => {
  const eventId = await activeEvent(call, operator)
  const userIds = users(longList)
  accounts.set(userIds[1200] ?? '', 'silent')
  const { body: { results } } = await grantFile(eventId, `userId\n${userIds.join('\n')}\n`)
  t.same(results.map(({ userId }: { userId: string }) => userId), userIds)
  t.same(results.map(({ line }: { line: number }) => line), userIds.map((_, index) => index + 2))
  const failed = results.flatMap(({ code }: { code?: string }, index: number) =>
    code === undefined ? [] : [[index, code]])
  t.same(failed, Array.from({ length: 500 }, (_, index) => [1000 + index, 'SERVICE_UNAVAILABLE']))
  t.equal(await claimed(eventId), longList - 500)
  t.match(await audited(eventId), [{ after: { grants: longList } }])
})

t.test('400 CSV: a list without lines or with other columns, and a query without condition or reason', async t => {
  const eventId = await activeEvent(call, operator)
  for (const csv of [
    '', 'userId', 'userId\n\n', `${newUserId()}\n`, 'userId;period\nx;y', 'userId,note\nx,y',
    'userId,userId\nx,y', 'period\nx', '"userId\nx', `userId\n${'x\n'.repeat(10_001)}`, Buffer.from([0xff])
  ]) t.match(await grantFile(eventId, csv), { status: 400, body: { code: 'INVALID_CSV' } })
  for (const query of ['', '?condition=CHECK', '?reason=x', '?condition=X&reason=x', '?condition=CHECK&reason=%20']) {
    t.match(await grantFile(eventId, 'userId\nx', query), { status: 400, body: { code: 'VALIDATION_FAILED' } }, query)
  }
  t.equal(await claimed(eventId), 0)
})

t.test('400: an operation that takes JSON or CSV requires a body', async t => {
  const eventId = await activeEvent(call, operator)
  for (const path of [`/v1/events/${eventId}/grants`, '/v1/activities', '/v1/activities?dryRun=true']) {
    t.match(await call('POST', path, { token: as('ADMIN') }), {
      status: 400, body: { code: 'VALIDATION_FAILED', errors: [{ pointer: '', detail: 'is required' }] }
    }, path)
  }
})

/** The number of claim batches that the first server has run. */
async function batches (): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  return Number(/laurel_batch_requests_count\{of="claims"\} (\d+)/.exec(text)?.[1] ?? 0)
}
