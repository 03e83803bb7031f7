import t, { type Test } from 'tap'
import { settingsId } from '../../../src/stores/settings.ts'
import { activeEvent } from '../../../../test/kit/servers/events.ts'
import { inFullRun } from '../../../../test/kit/run/size.ts'
import { as, atOnce, newUserId, startEventService, type Row } from '../../../../test/kit/servers/event-service.ts'

// A pause affects everything, so these tests use their own servers.
const { call, server, db, url, did } = await startEventService(t, {}, 3)
const adminId = newUserId()
const [admin, operator] = [as('ADMIN', adminId), as('OPERATOR')]
const claims = db.collection<Row>('claims')

const setPause = async (paused: boolean, reason = 'wrong amounts', turn = 0) =>
  await server(turn)('PUT', '/v1/pause', { token: admin, body: { paused, reason } })
const claim = async (eventId: string, userId = newUserId(), turn = 0, headers = {}) =>
  await server(turn)('POST', `/v1/events/${eventId}/claims`, { token: as('USER', userId), headers })
const stored = async (eventId: string) => await claims.countDocuments({ eventId })
const paused = { status: 503, body: { code: 'PAUSED', detail: 'Granting is paused; retry after 30 seconds.' } } as const
const idle = { status: 200, body: { paused: false, reason: null } } as const

/** Ends the pause after the test. */
function test (title: string, run: (t: Test) => Promise<void>): void {
  void t.test(title, async t => {
    t.teardown(async () => { await setPause(false, 'the test is over') })
    await run(t)
  })
}

test('200: the response shows why granting is paused, by whom and since when; the audit has each change', async t => {
  t.strictSame((await call('GET', '/v1/pause', { token: operator })).body, { paused: false, reason: null })
  const first = await setPause(true)
  t.match(first, { status: 200, body: { paused: true, reason: 'wrong amounts', by: adminId, at: String } })
  t.strictSame((await setPause(true, 'wrong amounts', 1)).body, first.body, 'repeating it changes nothing')
  for (const turn of [0, 1, 2]) {
    t.strictSame((await server(turn)('GET', '/v1/pause', { token: as('AUDITOR') })).body, first.body)
  }
  t.match(await setPause(true, 'still wrong'), { body: { reason: 'still wrong', by: adminId } })
  t.match(await setPause(false, 'amounts corrected'), idle)
  t.match(await setPause(false, 'again'), idle)
  t.strictSame((await call('GET', '/v1/pause', { token: operator })).body, idle.body)
  const { body } = await call('GET', '/v1/audit/events?limit=3', { token: admin })
  t.match(body.data, [
    { action: 'setPause', before: { paused: true }, after: { paused: false }, note: 'amounts corrected' },
    { before: { paused: true }, after: { paused: true }, note: 'still wrong' },
    { actorId: adminId, targetType: 'PLATFORM', before: { paused: false }, after: { paused: true } }
  ])
})

test('200: each concurrent change is audited, and one of them remains', async t => {
  await db.collection<Row>('events').deleteOne({ _id: settingsId })
  const all = await atOnce(6, async index => await setPause(true, `reason ${index}`, index))
  const answers = all.filter(({ status }) => status === 200)
  t.ok(answers.length > 0 && all.every(({ status }) => status === 200 || status === 503))
  const { body } = await call('GET', '/v1/pause', { token: admin })
  t.ok(answers.some(({ body: { reason } }) => reason === body.reason))
  const audited = await db.collection('audits').countDocuments({ action: 'setPause', note: /^reason \d$/ })
  t.equal(audited, answers.length)
})

test('400: both properties are required', async t => {
  for (const body of [
    {}, { paused: true }, { reason: 'x' }, { paused: 'yes', reason: 'x' }, { paused: true, reason: ' ' }
  ]) {
    const answer = await call('PUT', '/v1/pause', { token: admin, body })
    t.match(answer, { status: 400, body: { code: 'VALIDATION_FAILED' } })
  }
})

test('503 PAUSED: claims write nothing in any server; with the same key they succeed after the pause', async t => {
  const limited = [{ type: 'POINT', name: 'Points', amount: 1, stock: 2 }]
  const [eventId, other] = [await activeEvent(call, operator, null, limited), await activeEvent(call, operator)]
  const [userId, earlier] = [newUserId(), newUserId()]
  const headers = { 'idempotency-key': 'a key' }
  t.match(await claim(eventId, earlier, 0, headers), { status: 201 })
  // Not its leases: a lease without unused slots ends a moment later.
  const slots = async () =>
    await db.collection<Row>('stock').findOne({ _id: eventId }, { projection: { next: 1, free: 1 } })
  const before = await slots()
  await setPause(true)
  for (const turn of [0, 1, 2]) {
    const answer = await claim(eventId, userId, turn, headers)
    t.match(answer, paused)
    t.equal(answer.headers.get('retry-after'), '30')
    t.match(await claim(eventId, earlier, turn, headers), paused, 'a replay, too')
  }
  const many = { token: as('USER', userId), body: { eventIds: [eventId, other] } }
  t.match(await call('POST', '/v1/users/me/claims', many), paused)
  t.strictSame([await stored(eventId), await stored(other)], [1, 0])
  t.strictSame(await slots(), before, 'no slot is taken')

  await setPause(false)
  t.match(await claim(eventId, userId, 1, headers), { status: 201, body: { attempts: 1, history: { length: 1 } } })
  t.match((await claim(eventId, userId, 2, headers)).headers.get('idempotent-replayed'), 'true')
  t.match((await call('POST', '/v1/users/me/claims', many)).body.results, [{ code: 'ALREADY_CLAIMED' }, { ok: true }])
})

test('503 PAUSED: manual grants are refused as a whole and not audited; a dry run still works', async t => {
  const eventId = await activeEvent(call, operator)
  const grants = [{ userId: newUserId() }, { userId: newUserId() }]
  const body = { grants, condition: 'CHECK', reason: 'an outage' }
  const path = `/v1/events/${eventId}/grants`
  const headers = { authorization: `Bearer ${operator}`, 'content-type': 'text/csv' }
  const sendFile = async () => await fetch(`${url}${path}?condition=CHECK&reason=outage`, {
    method: 'POST', headers, body: `userId\n${grants[0]?.userId ?? ''}\na b\n`
  })
  await setPause(true)
  t.match(await call('POST', path, { token: operator, body }), paused)
  const file = await sendFile()
  t.match([file.status, await file.json()], [503, { code: 'PAUSED' }])
  const dryRun = await call('POST', `${path}?dryRun=true`, { token: operator, body })
  t.match(dryRun.body.results, [{ ok: true }, { ok: true }])
  t.equal(await stored(eventId), 0)
  t.equal(await db.collection('audits').countDocuments({ action: 'grantRewards', targetId: eventId }), 0)
  await setPause(false)
  t.match((await call('POST', path, { token: operator, body })).body.results, [{ ok: true }, { ok: true }])
})

test('a pause in the middle of a long list of grants: the rest is PAUSED, line by line', async t => {
  const eventId = await activeEvent(call, operator)
  const userIds = Array.from({ length: inFullRun(10_000, 5000) }, newUserId)
  const headers = { authorization: `Bearer ${operator}`, 'content-type': 'text/csv' }
  const response = await fetch(`${url}/v1/events/${eventId}/grants?condition=CHECK&reason=outage`, {
    method: 'POST', headers, body: `userId\n${userIds.join('\n')}`
  })
  // The first chunk is answered while the second one is being granted.
  await setPause(true)
  const { results } = await response.json() as { results: Array<{ ok: boolean, code?: string, userId: string }> }
  const granted = results.filter(({ ok }) => ok)
  t.ok(granted.length >= 500 && granted.length < userIds.length, `${granted.length} were granted before the pause`)
  t.ok(results.every(({ ok, code }) => ok || code === 'PAUSED'))
  t.equal(await stored(eventId), granted.length, 'nothing is partially done')
})

test('503 PAUSED: approvals; rejections, revocations, activities, reads and progress still work', async t => {
  const userIds = Array.from({ length: 4 }, newUserId)
  const eventId = await activeEvent(call, operator, null, undefined, { grantMode: 'REVIEW' })
  const ids = await atOnce(4, async index => (await claim(eventId, userIds[index])).body.id)
  const [a = '', b = '', c = '', d = ''] = ids as string[]
  await call('POST', `/v1/claims/${d}/approve`, { token: operator })
  await setPause(true)
  t.match(await call('POST', `/v1/claims/${a}/approve`, { token: operator }), paused)
  const review = async (decisions: object[]) =>
    await call('POST', '/v1/claims/review', { token: operator, body: { decisions } })
  t.match(await review([{ claimId: a, decision: 'APPROVE' }]), paused)
  const mixed = await review([{ claimId: a, decision: 'APPROVE' }, { claimId: b, decision: 'REJECT', reason: 'x' }])
  t.match(mixed.body.results, [{ ok: false, code: 'PAUSED' }, { ok: true, claim: { status: 'REJECTED' } }])
  t.match(await call('POST', `/v1/claims/${c}/reject`, { token: operator, body: { reason: 'x' } }), { status: 200 })
  t.match(await call('POST', `/v1/claims/${d}/revoke`, { token: admin, body: { reason: 'x' } }), { status: 200 })
  await did(userIds[0] ?? '', 'quest.cleared')
  const token = as('USER', userIds[0])
  t.match(await call('GET', `/v1/events/${eventId}/progress`, { token }), { body: { claim: { status: 'PENDING' } } })
  t.match(await call('GET', '/v1/users/me/events', { token }), { status: 200 })
  await setPause(false)
  t.match(await call('POST', `/v1/claims/${a}/approve`, { token: operator }), { body: { status: 'GRANTED' } })
})

test('a pause adds no command to a claim', async t => {
  const eventId = await activeEvent(call, operator)
  async function commandsOfClaim () {
    await db.command({ profile: 0 })
    await db.collection('system.profile').drop()
    await db.command({ profile: 2 })
    const { status } = await claim(eventId)
    await db.command({ profile: 0 })
    const filter = { ns: { $not: /system\.profile|\$cmd$/ } }
    const rows = await db.collection<Row>('system.profile').find(filter).sort({ ts: 1 }).toArray()
    // The sweeper and the webhook relay also send reads, but not for this event.
    const own = rows.filter(({ op, command }) => op === 'insert' || JSON.stringify(command).includes(eventId))
    return { status, commands: own.map(({ op, command }) => `${op as string} ${Object.keys(command)[0] ?? ''}`) }
  }
  const read = 'query find'
  t.strictSame(await commandsOfClaim(), { status: 201, commands: [read, 'insert insert'] })
  await setPause(true)
  t.strictSame(await commandsOfClaim(), { status: 503, commands: [read] })
})
