import t from 'tap'
import type { Answer } from '../../../../test/kit/http/client.ts'
import { activeEvent } from '../../../../test/kit/servers/events.ts'
import { inFullRun } from '../../../../test/kit/run/size.ts'
import { as, atOnce, countByStatus, newUserId } from '../../../../test/kit/servers/event-service.ts'
import { sharedEventService } from '../../../../test/kit/servers/shared-event-service.ts'

const { call, server, did } = await sharedEventService()
const operator = as('OPERATOR')
const condition = { aggregation: 'count', activity: 'quest.cleared', target: 1 } as const

async function claim (turn: number, eventId: string, token: string, headers = {}): Promise<Answer> {
  return await server(turn)('POST', `/v1/events/${eventId}/claims`, { token, headers })
}
const codes = (answers: readonly Answer[]): string[] => [
  ...new Set(answers.filter(({ status }) => status !== 201).map(({ body }) => body.code))
]
const walletOf = async (userId: string) => (await call('GET', `/v1/users/${userId}/wallet`, { token: operator })).body
const claimsOf = async (eventId: string) =>
  (await call('GET', `/v1/claims?eventId=${eventId}&limit=100`, { token: operator })).body.data

const copies = inFullRun(200, 60)
for (const [servers, where] of [[1, 'one server'], [2, 'two servers']] as const) {
  t.test(`409: of ${copies} identical concurrent claims at ${where}, all but one are ALREADY_CLAIMED`, async t => {
    const eventId = await activeEvent(call, operator)
    const userId = newUserId()
    const token = as('USER', userId)
    const answers = await atOnce(copies, async index => await claim(index % servers, eventId, token))
    t.strictSame(countByStatus(answers), { 201: 1, 409: copies - 1 })
    t.strictSame(codes(answers), ['ALREADY_CLAIMED'])
    const granted = answers.find(({ status }) => status === 201)?.body
    t.ok(
      answers.every(
        ({ status, body }) => status === 201 || (body.claim.id === granted.id && body.claim.status === 'GRANTED')
      ),
      'each answer shows the granted claim'
    )
    t.hasStrict(await claimsOf(eventId), [{ id: granted.id, status: 'GRANTED', attempts: 1 }])
    t.equal((await walletOf(userId)).points, 500)
  })

  t.test(`409: of ${copies} concurrent claims at ${where} after a refusal, exactly one is granted`, async t => {
    const eventId = await activeEvent(call, operator, condition)
    const userId = newUserId()
    const token = as('USER', userId)
    t.hasStrict(await claim(0, eventId, token), { status: 409, body: { code: 'CONDITIONS_NOT_MET' } })
    await did(userId, 'quest.cleared')
    const answers = await atOnce(copies, async index => await claim(index % servers, eventId, token))
    t.strictSame(countByStatus(answers), { 201: 1, 409: copies - 1 })
    t.strictSame(codes(answers), ['ALREADY_CLAIMED'])
    t.hasStrict(await claimsOf(eventId), [
      { status: 'GRANTED', attempts: 2, history: [{ to: 'FAILED' }, { to: 'GRANTED' }] }
    ])
    t.equal((await walletOf(userId)).points, 500)
  })
}

t.test('201: fifty concurrent claims with one Idempotency-Key all see the same success', async t => {
  const eventId = await activeEvent(call, operator)
  const token = as('USER')
  const answers = await atOnce(50, async index => await claim(index, eventId, token, { 'idempotency-key': 'once' }))
  t.strictSame(countByStatus(answers), { 201: 50 })
  t.equal(new Set(answers.map(({ body }) => body.id)).size, 1)
  t.equal(
    answers.filter(({ headers }) => headers.get('idempotent-replayed') === null).length,
    1,
    'one of them is not a replay'
  )
})

t.test('409: concurrent refusals never overwrite a grant', async t => {
  const eventId = await activeEvent(call, operator, condition)
  await atOnce(10, async () => {
    const userId = newUserId()
    const token = as('USER', userId)
    const [, ...answers] = await Promise.all([
      did(userId, 'quest.cleared'),
      ...Array.from({ length: 10 }, async (_, index) => await claim(index, eventId, token))
    ])
    const last = await claim(0, eventId, token)
    t.equal([...answers, last].filter(({ status }) => status === 201).length, 1, 'granted once')
    const { body: { data: [row] } } = await call('GET', `/v1/claims?userId=${userId}`, { token: operator })
    t.equal(row.status, 'GRANTED')
    t.strictSame(
      row.history.filter(({ to }: { to: string }) => to === 'GRANTED'),
      row.history.slice(-1),
      'nothing follows the grant'
    )
    t.equal(row.attempts, row.history.length)
  })
})

t.test('201: two hundred concurrent users are all granted, each once', async t => {
  const eventId = await activeEvent(call, operator)
  const users = Array.from({ length: 200 }, newUserId)
  const answers = await atOnce(200, async index => await claim(index, eventId, as('USER', users[index])))
  t.strictSame(countByStatus(answers), { 201: 200 })
  t.equal(new Set(answers.map(({ body }) => body.userId)).size, 200)
})

t.test('409 EVENT_INACTIVE: after the deactivation was acknowledged, every server refuses claims', async t => {
  const before: Answer[] = []
  await atOnce(inFullRun(10, 5), async round => {
    const eventId = await activeEvent(call, operator)
    const rush = atOnce(10, async index => await claim(index, eventId, as('USER')))
    const off = await server(round)('PATCH', `/v1/events/${eventId}`, { token: operator, body: { status: 'INACTIVE' } })
    t.equal(off.status, 200)
    const after = await atOnce(10, async index => await claim(index, eventId, as('USER')))
    t.strictSame(codes(after), ['EVENT_INACTIVE'])
    t.strictSame(countByStatus(after), { 409: 10 })
    before.push(...await rush)
  })
  t.strictSame(
    codes(before).filter(code => code !== 'EVENT_INACTIVE'),
    [],
    'earlier claims were granted, or refused for the same reason'
  )
  t.comment(`claims sent before it: ${JSON.stringify(countByStatus(before))}`)
})
