import t from 'tap'
import { activeEvent } from '../../../../test/kit/servers/events.ts'
import { as, newUserId } from '../../../../test/kit/servers/event-service.ts'
import { sharedEventService } from '../../../../test/kit/servers/shared-event-service.ts'

const { call } = await sharedEventService()
const operator = as('OPERATOR')
const claim = async (eventId: string, userId: string) =>
  await call('POST', `/v1/events/${eventId}/claims`, { token: as('USER', userId) })
const gold = (currency: string, amount: number) => ({ type: 'CURRENCY', name: currency, currency, amount })
const item = (itemId: string, amount: number) => ({ type: 'ITEM', name: itemId, itemId, amount })
const points = (amount: number) => ({ type: 'POINT', name: 'Points', amount })

t.test('200: a wallet is the sum of the user\'s grants and nothing else', async t => {
  const first = await activeEvent(call, operator, null, [points(500), gold('GOLD', 7), item('sword', 1)])
  const second = await activeEvent(call, operator, null, [
    item('apple', 3),
    gold('GEM', 2),
    gold('GOLD', 1_000_000_000),
    item('sword', 2),
    points(1)
  ])
  const refused = await activeEvent(call, operator, { aggregation: 'count', activity: 'never', target: 1 }, [
    points(10_000)
  ])
  const userId = newUserId()
  for (const eventId of [second, refused, first]) await claim(eventId, userId)
  await claim(first, newUserId())

  const wallet = {
    userId,
    points: 501,
    currencies: [{ currency: 'GEM', amount: 2 }, { currency: 'GOLD', amount: 1_000_000_007 }],
    items: [{ itemId: 'apple', quantity: 3 }, { itemId: 'sword', quantity: 3 }]
  }
  const own = await call('GET', '/v1/users/me/wallet', { token: as('USER', userId) })
  t.equal(own.status, 200)
  t.strictSame(own.body, wallet)
  for (const role of ['OPERATOR', 'AUDITOR', 'ADMIN'] as const) {
    t.strictSame((await call('GET', `/v1/users/${userId}/wallet`, { token: as(role) })).body, wallet, role)
  }

  await claim(first, userId)
  t.strictSame(
    (await call('GET', '/v1/users/me/wallet', { token: as('USER', userId) })).body,
    wallet,
    'a second claim adds nothing'
  )
})

t.test('200: the wallet of a user without grants, or of an unknown user, is empty', async t => {
  const empty = { points: 0, currencies: [], items: [] }
  const userId = newUserId()
  t.strictSame((await call('GET', '/v1/users/me/wallet', { token: as('USER', userId) })).body, { userId, ...empty })
  t.strictSame((await call('GET', '/v1/users/nobody/wallet', { token: operator })).body, { userId: 'nobody', ...empty })
  t.hasStrict(await call('GET', '/v1/users/a.b/wallet', { token: operator }), {
    status: 404,
    body: { code: 'USER_NOT_FOUND' }
  })
})

t.test('403: a USER cannot read the wallet of another user', async t => {
  t.equal((await call('GET', `/v1/users/${newUserId()}/wallet`, { token: as('USER') })).status, 403)
})
