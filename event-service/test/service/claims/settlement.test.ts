import { parse } from 'csv-parse/sync'
import t from 'tap'
import { activeEvent } from '../../../../test/kit/servers/events.ts'
import { as, newUserId, startEventService, type Row } from '../../../../test/kit/servers/event-service.ts'

const { call, db } = await startEventService(t)
const operator = as('OPERATOR')
const auditor = as('AUDITOR')
const claims = db.collection<Row>('claims')
const november = 'grantedFrom=2026-11-01T00:00:00%2B09:00&grantedTo=2026-12-01T00:00:00%2B09:00'
const december = 'grantedFrom=2026-12-01T00:00:00%2B09:00&grantedTo=2027-01-01T00:00:00%2B09:00'

interface Reward { rewardId: string, type: string, name: string, units: number, amount: number }
interface Event { eventId: string, name: string, claims: Record<string, number>, rewards: Reward[] }
async function statsOf (query = ''): Promise<Event[]> {
  const { status, body } = await call('GET', `/v1/stats?${query}`, { token: auditor })
  t.equal(status, 200)
  return body.data
}
/** Returns the granted amounts in an export, by type. */
async function exportedSums (query = ''): Promise<Record<string, number>> {
  const { body } = await call('GET', `/v1/claims/export?status=GRANTED&${query}`, { token: auditor })
  const rows = parse(body, { columns: true }) as Array<Record<string, string>>
  return sums(rows.map(({ type = '', amount }) => ({ type, amount: Number(amount) })))
}
function sums (entries: ReadonlyArray<{ type: string, amount: number }>): Record<string, number> {
  const totals: Record<string, number> = { POINT: 0, CURRENCY: 0, ITEM: 0 }
  for (const { type, amount } of entries) totals[type] = (totals[type] ?? 0) + amount
  return totals
}
const statsSums = async (query?: string) => sums((await statsOf(query)).flatMap(({ rewards }) => rewards))

const zone = { timeZone: 'Asia/Seoul' }
const rewards = [
  { type: 'POINT', name: 'Points', amount: 7 },
  { type: 'CURRENCY', name: 'Gems', currency: 'GEMS', amount: 3 },
  { type: 'ITEM', name: 'Swords', itemId: 'sword', amount: 2 }
]
const everything = await activeEvent(call, operator, null, rewards, { ...zone, name: 'Everything' })
const one = [{ type: 'POINT', name: 'One', amount: 1 }]
const points = await activeEvent(call, operator, null, one, { ...zone, name: 'One' })
await activeEvent(call, operator)

const users = Array.from({ length: 6 }, () => newUserId())
// The last millisecond of November and the first of December in Seoul, and others around them.
const instants = [
  '2026-11-30T14:59:59.999Z', '2026-11-30T15:00:00.000Z', '2026-11-30T14:00:00.000Z', '2026-11-30T23:59:59.999Z',
  '2026-11-15T00:00:00.000Z', '2026-12-31T14:59:59.999Z'
]
for (const [index, userId] of users.entries()) {
  for (const eventId of [everything, points]) {
    const { body } = await call('POST', `/v1/events/${eventId}/claims`, { token: as('USER', userId) })
    await claims.updateOne({ _id: body.id }, { $set: { grantedAt: new Date(instants[index] ?? '') } })
    if (index !== 2) continue
    await call('POST', `/v1/claims/${body.id as string}/revoke`, { token: as('ADMIN'), body: { reason: 'refunded' } })
  }
}

t.test('200: a month ends at midnight in Seoul, to the millisecond', async t => {
  const [all] = await statsOf(november)
  t.match(all, {
    eventId: everything,
    name: 'Everything',
    claims: { GRANTED: 2, PENDING: 0, REJECTED: 0, FAILED: 0, REVOKED: 1 },
    rewards: [
      { type: 'POINT', name: 'Points', units: 2, amount: 14 },
      { type: 'CURRENCY', currency: 'GEMS', units: 2, amount: 6 },
      { type: 'ITEM', itemId: 'sword', units: 2, amount: 4 }
    ]
  })
  t.match((await statsOf(december)).map(({ eventId, claims }) => [eventId, claims['GRANTED']]), [
    [everything, 3], [points, 3]
  ])
  t.same(await statsOf('grantedTo=2026-01-01T00:00:00Z'), [], 'events without a claim in the time range are omitted')
})

t.test('the totals of export, statistics, wallets and ledgers are exactly the same', async t => {
  for (const query of [november, december, '']) t.same(await statsSums(query), await exportedSums(query), query)
  const inAll = await statsSums()
  t.same(inAll, { POINT: 5 * 8, CURRENCY: 5 * 3, ITEM: 5 * 2 })

  const owned: Array<{ type: string, amount: number }> = []
  const booked: Array<{ type: string, amount: number }> = []
  for (const userId of users) {
    const token = as('USER', userId)
    const { points, currencies, items } = (await call('GET', '/v1/users/me/wallet', { token })).body
    owned.push({ type: 'POINT', amount: points })
    for (const { amount } of currencies) owned.push({ type: 'CURRENCY', amount })
    for (const { quantity } of items) owned.push({ type: 'ITEM', amount: quantity })
    const { data } = (await call('GET', '/v1/users/me/ledger?limit=100', { token })).body
    for (const { type, amount, direction } of data) {
      booked.push({ type, amount: direction === 'DEBIT' ? -amount : amount })
    }
  }
  t.same(sums(owned), inAll, 'wallets')
  t.same(sums(booked), inAll, 'ledgers')
})

t.test('200: events that were created at the same time are in the order of their ids', async t => {
  await db.collection<Row>('events').updateMany({}, { $set: { createdAt: new Date(0) } })
  t.same((await statsOf()).map(({ eventId }) => eventId), [everything, points].sort())
})

t.test('400: an invalid range', async t => {
  for (const query of ['grantedFrom=2026-11-31T00:00:00Z', 'grantedTo=x', 'eventId=e']) {
    t.match(await call('GET', `/v1/stats?${query}`, { token: operator }), { status: 400 }, query)
  }
})

t.test('500: an event that cannot be read is not omitted from the totals', async t => {
  await db.collection<Row>('events').updateOne({ _id: points }, { $set: { timeZone: 'Nowhere/Land' } })
  t.match(await call('GET', '/v1/stats', { token: operator }), { status: 500, body: { code: 'INTERNAL_ERROR' } })
})
