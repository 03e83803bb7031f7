import t from 'tap'
import { activeEvent } from '../../../../test/kit/servers/events.ts'
import { as, atOnce, newUserId } from '../../../../test/kit/servers/event-service.ts'
import { sharedEventService } from '../../../../test/kit/servers/shared-event-service.ts'

const { call, server, db, accounts } = await sharedEventService()
const operatorId = newUserId()
const operator = as('OPERATOR', operatorId)
const eventId = await activeEvent(call, operator, null, undefined, { grantMode: 'REVIEW' })

async function pending (userId = newUserId(), role: 'USER' | 'ADMIN' = 'USER'): Promise<string> {
  return (await call('POST', `/v1/events/${eventId}/claims`, { token: as(role, userId) })).body.id
}
const review = async (decisions: unknown, token = operator, headers = {}, turn = 0) =>
  await server(turn)('POST', '/v1/claims/review', { token, body: { decisions }, headers })
const approve = (claimId: string, note?: string) => ({ claimId, decision: 'APPROVE', note })
const reject = (claimId: string, reason = 'a bot') => ({ claimId, decision: 'REJECT', reason })

t.test('200: each claim is decided separately, in the order of the request', async t => {
  const adminId = newUserId()
  const disabledId = newUserId()
  const [a, b] = [await pending(), await pending()]
  const [own, disabled] = [await pending(adminId, 'ADMIN'), await pending(disabledId)]
  accounts.set(disabledId, 'DISABLED')
  const unknown = `${eventId}_nobody_EVENT`
  const decisions = [approve(a, 'checked'), approve(own), reject(b), approve(unknown), approve(disabled), reject(a)]
  const { status, body } = await review(decisions, as('ADMIN', adminId))
  t.equal(status, 200)
  t.match(body.results, [
    { claimId: a, ok: true, claim: { status: 'GRANTED', history: [{}, { by: adminId, note: 'checked' }] } },
    { claimId: own, ok: false, code: 'SELF_REVIEW' },
    { claimId: b, ok: true, claim: { status: 'REJECTED', history: [{}, { note: 'a bot' }] } },
    { claimId: unknown, ok: false, code: 'CLAIM_NOT_FOUND' },
    { claimId: disabled, ok: false, code: 'USER_NOT_ACTIVE' },
    { claimId: a, ok: false, code: 'ALREADY_DECIDED' }
  ])
  t.equal(body.results.length, 6)
  t.equal(await db.collection('audits').countDocuments({ targetId: { $in: [a, b, own, disabled] } }), 2)
})

t.test('200: a hundred claims in one request', async t => {
  const ids = await atOnce(100, async () => await pending())
  const { body: { results } } = await review(ids.map((id, index) => index % 2 === 0 ? approve(id) : reject(id)))
  t.same(results.map(({ claimId }: { claimId: string }) => claimId), ids)
  t.ok(results.every(({ ok }: { ok: boolean }) => ok))
})

t.test('200: concurrent reviews of the same claims result in one decision per claim', async t => {
  const ids = await atOnce(10, async () => await pending())
  const answers = await atOnce(6, async turn =>
    await review(ids.map(id => turn % 2 === 0 ? approve(id) : reject(id)), as('OPERATOR'), {}, turn))
  for (const id of ids) {
    const results = answers.flatMap(({ body }) => body.results).filter(({ claimId }) => claimId === id)
    t.equal(results.filter(({ ok }) => ok).length, 1)
    t.equal(results.filter(({ code }) => code === 'ALREADY_DECIDED').length, 5)
  }
})

t.test('200 idempotent-replayed: the same key gets each first success again', async t => {
  const ids = [await pending(), await pending()]
  const headers = { 'idempotency-key': 'list-1' }
  const decisions = [approve(ids[0] as string), reject(ids[1] as string)]
  const first = await review(decisions, operator, headers)
  t.equal(first.headers.get('idempotent-replayed'), null)
  const second = await review(decisions, operator, headers, 1)
  t.equal(second.headers.get('idempotent-replayed'), 'true')
  t.same(second.body, first.body)
  const opposite = await review([reject(ids[0] as string)], operator, headers)
  t.match(opposite.body.results, [{ ok: false, code: 'ALREADY_DECIDED' }], 'a different decision is not a replay')
  const refused = await review(decisions, operator)
  t.match(refused.body.results, [{ code: 'ALREADY_DECIDED' }, { code: 'ALREADY_DECIDED' }], 'without the key')
  t.equal(refused.headers.get('idempotent-replayed'), null)
})

t.test('503: if no account can be checked, nothing is decided', async t => {
  const userId = newUserId()
  const [id, other] = [await pending(userId), await pending()]
  accounts.set(userId, 'silent')
  t.match(await review([approve(id)]), { status: 503, body: { code: 'SERVICE_UNAVAILABLE' } })
  t.match((await review([approve(id), approve(other)])).body.results, [
    { ok: false, code: 'SERVICE_UNAVAILABLE' }, { ok: true }
  ], 'one item alone')
})

t.test('400: the response names the error, and nothing is decided', async t => {
  const id = await pending()
  const wrong: Array<[unknown, string]> = [
    [[], '/decisions'],
    [Array(101).fill(approve(id)), '/decisions'],
    [[approve(id), { claimId: id }], '/decisions/1/decision'],
    [[approve(id), { claimId: id, decision: 'REVOKE' }], '/decisions/1/decision'],
    [[{ claimId: id, decision: 'REJECT' }], '/decisions/0/reason'],
    [[{ claimId: id, decision: 'APPROVE', reason: 'x' }], '/decisions/0/reason'],
    [[{ claimId: 'a b', decision: 'APPROVE' }], '/decisions/0/claimId']
  ]
  for (const [decisions, pointer] of wrong) {
    const { status, body } = await review(decisions)
    t.equal(status, 400)
    t.ok(body.errors?.some((error: { pointer: string }) => error.pointer === pointer), `${pointer} of ${body.detail}`)
  }
  t.match((await call('GET', `/v1/claims/${id}`, { token: operator })).body, { status: 'PENDING' })
})
