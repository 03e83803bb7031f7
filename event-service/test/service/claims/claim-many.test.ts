import t from 'tap'
import { activeEvent, runningEvent } from '../../../../test/kit/servers/events.ts'
import { as, atOnce, newUserId, type Row } from '../../../../test/kit/servers/event-service.ts'
import { sharedEventService } from '../../../../test/kit/servers/shared-event-service.ts'

const { call, url, server, db } = await sharedEventService()
const operator = as('OPERATOR')
const claimMany = async (token: string, eventIds: unknown, turn = 0) =>
  await server(turn)('POST', '/v1/users/me/claims', { token, body: { eventIds } })
const threeLogins = { aggregation: 'count', activity: 'user.login', target: 3 } as const

t.test('200: each event is decided separately, in the order of the request', async t => {
  const userId = newUserId()
  const token = as('USER', userId)
  const open = await activeEvent(call, operator)
  const reviewed = await activeEvent(call, operator, null, undefined, { grantMode: 'REVIEW' })
  const hard = await activeEvent(call, operator, threeLogins)
  const { body: { id: draft } } = await call('POST', '/v1/events', { token: operator, body: runningEvent() })
  const claimed = await activeEvent(call, operator)
  await call('POST', `/v1/events/${claimed}/claims`, { token })

  const { status, body } = await claimMany(token, [hard, open, 'nowhere', reviewed, claimed, draft])
  t.equal(status, 200)
  t.match(body.results, [
    { eventId: hard, ok: false, code: 'CONDITIONS_NOT_MET', progress: { current: 0, target: 3, met: false } },
    { eventId: open, ok: true, claim: { status: 'GRANTED', userId, eventId: open } },
    { eventId: 'nowhere', ok: false, code: 'EVENT_NOT_FOUND' },
    { eventId: reviewed, ok: true, claim: { status: 'PENDING' } },
    { eventId: claimed, ok: false, code: 'ALREADY_CLAIMED' },
    { eventId: draft, ok: false, code: 'EVENT_NOT_FOUND' }
  ])
  t.equal(body.results.length, 6)
  t.same(Object.keys(body.results[0]).sort(), ['code', 'detail', 'eventId', 'ok', 'progress'])
  t.same(Object.keys(body.results[2]).sort(), ['code', 'detail', 'eventId', 'ok'])
  t.match((await call('GET', `/v1/claims/${body.results[1].claim.id}`, { token })).body, body.results[1].claim)
})

t.test('200: an event that occurs twice in the request is claimed once and has the same result twice', async t => {
  const token = as('USER')
  const eventId = await activeEvent(call, operator)
  const hard = await activeEvent(call, operator, threeLogins)
  const { body: { results } } = await claimMany(token, [eventId, hard, eventId, hard])
  t.match(results, [{ ok: true, claim: { attempts: 1 } }, { ok: false, code: 'CONDITIONS_NOT_MET' }])
  t.same(results[2], results[0])
  t.same(results[3], results[1])
  t.match((await claimMany(token, [eventId])).body.results, [{ ok: false, code: 'ALREADY_CLAIMED' }])
})

t.test('200: a damaged event does not affect the others, and its result does not disclose details', async t => {
  const [good, bad] = [await activeEvent(call, operator), await activeEvent(call, operator)]
  await db.collection<Row>('events').updateOne({ _id: bad }, { $set: { rewards: null } })
  const { body: { results } } = await claimMany(as('USER'), [bad, good])
  t.match(results[1], { ok: true })
  t.same(results[0], { eventId: bad, ok: false, code: 'INTERNAL_ERROR', detail: 'Internal error' })
})

t.test('200: fifty events are claimed in one batch', async t => {
  const eventIds = await atOnce(50, async () => await activeEvent(call, operator))
  const before = await batches()
  const { body: { results } } = await claimMany(as('USER'), eventIds)
  t.same(results.map(({ eventId }: { eventId: string }) => eventId), eventIds)
  t.ok(results.every(({ ok }: { ok: boolean }) => ok))
  t.equal(await batches() - before, 1)
})

t.test('200: eight concurrent copies of a request grant each event once', async t => {
  const userId = newUserId()
  const token = as('USER', userId)
  const eventIds = await atOnce(5, async () => await activeEvent(call, operator))
  const answers = await atOnce(8, async turn => await claimMany(token, eventIds, turn))
  for (const eventId of eventIds) {
    const results = answers.flatMap(({ body }) => body.results).filter(result => result.eventId === eventId)
    t.equal(results.filter(({ ok }) => ok).length, 1)
    t.equal(results.filter(({ code }) => code === 'ALREADY_CLAIMED').length, 7)
  }
  t.equal(await db.collection('claims').countDocuments({ userId }), 5)
})

t.test('400: one to fifty ids of events, and nothing else', async t => {
  const token = as('USER')
  for (const eventIds of [[], Array(51).fill('e'), 'e', [1], ['a b'], undefined]) {
    t.match(await claimMany(token, eventIds), { status: 400, body: { code: 'VALIDATION_FAILED' } })
  }
})

/** The number of claim batches that the first server has run. */
async function batches (): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  return Number(/laurel_batch_requests_count\{of="claims"\} (\d+)/.exec(text)?.[1] ?? 0)
}
