import t from 'tap'
import { activeEvent } from '../../../../test/kit/servers/events.ts'
import { as, newUserId, type Row } from '../../../../test/kit/servers/event-service.ts'
import { sharedEventService } from '../../../../test/kit/servers/shared-event-service.ts'

const { call, db } = await sharedEventService()
const operator = as('OPERATOR')
const userId = newUserId()
const token = as('USER', userId)
const gold = { type: 'CURRENCY', name: 'Gold', currency: 'GOLD', amount: 7 }
const sword = { type: 'ITEM', name: 'A sword', itemId: 'sword', amount: 2 }
const points = { type: 'POINT', name: 'Points', amount: 5 }
const events = [
  [points, gold, sword],
  [points],
  [gold, { type: 'COUPON', name: 'A code' }, { type: 'COUPON', name: 'Another' }],
  [points, points]
]

async function claimAll (): Promise<void> {
  for (const rewards of events) {
    const eventId = await activeEvent(call, operator, null, rewards)
    const { data } = (await call('GET', `/v1/events/${eventId}/rewards`, { token: operator })).body
    for (const { id, type } of data) {
      if (type === 'COUPON') {
        await call('POST', `/v1/events/${eventId}/rewards/${id as string}/codes`, {
          token: operator,
          body: { codes: [`CODE-${id as string}`] }
        })
      }
    }
    await call('POST', `/v1/events/${eventId}/claims`, { token })
  }
}

async function walk (path: string, limit: number, order: string, reader = token): Promise<unknown[]> {
  const all: unknown[] = []
  let cursor = ''
  while (true) {
    const { status, body } = await call('GET', `${path}?limit=${limit}&order=${order}${cursor}`, { token: reader })
    if (status !== 200 || body.data.length > limit) throw new Error(`${status}, ${body.data?.length as number} entries`)
    all.push(...body.data)
    if (body.nextCursor === null) return all
    cursor = `&cursor=${body.nextCursor as string}`
  }
}

t.test('my ledger and my coupons', async t => {
  await claimAll()

  await t.test('200: the ledger has one credit per reward of each grant, and their sum is the wallet', async t => {
    const { data } = (await call('GET', '/v1/users/me/ledger?limit=100', { token })).body
    t.equal(data.length, 9)
    t.equal(new Set(data.map(({ id }: { id: string }) => id)).size, 9)
    const sum = (type: string) =>
      data
        .filter((entry: { type: string }) => entry.type === type)
        .reduce((total: number, { amount }: { amount: number }) => total + amount, 0)
    const wallet = (await call('GET', '/v1/users/me/wallet', { token })).body
    t.strictSame(wallet, {
      userId,
      points: sum('POINT'),
      currencies: [{ currency: 'GOLD', amount: sum('CURRENCY') }],
      items: [{ itemId: 'sword', quantity: sum('ITEM') }]
    })
    t.hasStrict(
      data.at(-1),
      { type: 'POINT', amount: 5, direction: 'CREDIT' },
      'newest first; within a claim the last reward first'
    )
    t.strictSame(Object.keys(data.find(({ type }: { type: string }) => type === 'ITEM')).sort(), [
      'amount',
      'at',
      'claimId',
      'direction',
      'eventId',
      'id',
      'itemId',
      'rewardId',
      'type'
    ])
  })

  for (const [path, count] of [['/v1/users/me/ledger', 9], ['/v1/users/me/coupons', 2]] as const) {
    await t.test(`200: pages of ${path} of any size show every entry once and in order`, async t => {
      const newest = await walk(path, 100, 'desc')
      t.equal(newest.length, count)
      for (const limit of [1, 2, 3, 4]) {
        t.strictSame(await walk(path, limit, 'desc'), newest)
        t.strictSame(await walk(path, limit, 'asc'), newest.toReversed())
      }
    })
  }

  await t.test('400: a cursor of another list; 200: no entries of other users', async t => {
    const { nextCursor } = (await call('GET', '/v1/users/me/ledger?limit=2', { token })).body
    t.equal((await call('GET', `/v1/users/me/coupons?cursor=${nextCursor as string}`, { token })).status, 400)
    t.strictSame((await call('GET', '/v1/users/me/ledger', { token: as('USER') })).body, { data: [], nextCursor: null })
  })
})

t.test('200: a revoked grant has a credit when it was granted and a debit when it was revoked', async t => {
  const user = as('USER', newUserId())
  const ids: string[] = []
  for (const rewards of [[points, gold], [sword], [points]]) {
    const eventId = await activeEvent(call, operator, null, rewards)
    ids.push((await call('POST', `/v1/events/${eventId}/claims`, { token: user })).body.id)
  }
  const [first, second, third] = ids
  for (const [id, grantedAt] of [[first, 1], [second, 2], [third, 4]] as const) {
    await db.collection<Row>('claims').updateOne({ _id: id ?? '' }, { $set: { grantedAt: new Date(grantedAt) } })
  }
  for (const [id, revokedAt] of [[first, 3], [third, 4]] as const) {
    await call('POST', `/v1/claims/${id ?? ''}/revoke`, { token: as('ADMIN'), body: { reason: 'refunded' } })
    await db.collection<Row>('claims').updateOne({ _id: id ?? '' }, { $set: { revokedAt: new Date(revokedAt) } })
  }
  const expected = [
    `1 ${first} CREDIT POINT`, `1 ${first} CREDIT CURRENCY`, `2 ${second} CREDIT ITEM`,
    `3 ${first} DEBIT POINT`, `3 ${first} DEBIT CURRENCY`, `4 ${third} CREDIT POINT`, `4 ${third} DEBIT POINT`
  ]
  for (const limit of [1, 2, 3, 4, 6, 7, 100]) {
    for (const order of ['asc', 'desc'] as const) {
      const entries = await walk('/v1/users/me/ledger', limit, order, user) as Row[]
      const found = entries.map(({ at, claimId, direction, type }) =>
        `${Date.parse(at)} ${claimId} ${direction} ${type}`)
      t.strictSame(found, order === 'asc' ? expected : expected.toReversed(), `${order} ${limit}`)
      t.equal(new Set(entries.map(({ id }) => id)).size, expected.length, 'every id is unique')
    }
  }
  const { items } = (await call('GET', '/v1/users/me/wallet', { token: user })).body
  t.strictSame(items, [{ itemId: 'sword', quantity: 2 }])
})
