import t from 'tap'
import { activeEvent, runningEvent } from '../../../../test/kit/servers/events.ts'
import { as, newUserId, startEventService, type Row } from '../../../../test/kit/servers/event-service.ts'

const { call, db, did, url } = await startEventService(t)
const operator = as('OPERATOR')
const userId = newUserId()
const user = as('USER', userId)
const get = async (path: string, token = operator) => await call('GET', path, { token })
const readMetrics = async () => await (await fetch(`${url}/metrics`)).text()

/** Creates five rows, damages the third one, and expects the list to omit it. */
async function damageThird (name: string, filter: object, fields: object): Promise<string> {
  const rows = await db.collection<Row>(name).find(filter).sort({ createdAt: 1, _id: 1 }).toArray()
  const id = rows[2]?._id ?? ''
  await db.collection<Row>(name).updateOne({ _id: id }, { $set: fields })
  return id
}

const coupon = [{ type: 'COUPON', name: 'A code' }, { type: 'POINT', name: 'Points', amount: 1 }]
const events: string[] = []
for (let index = 0; index < 5; index++) {
  const eventId = await activeEvent(call, operator, null, coupon)
  events.push(eventId)
  const [{ id: rewardId }] = (await get(`/v1/events/${eventId}/rewards`)).body.data
  const codes = { token: operator, body: { codes: ['a', 'b'] } }
  await call('POST', `/v1/events/${eventId}/rewards/${rewardId as string}/codes`, codes)
  await call('POST', `/v1/events/${eventId}/claims`, { token: user })
  await did(userId, 'quest.cleared')
}

t.test('lists, ledger, coupons and wallet omit a claim that cannot be read, on every page', async t => {
  const id = await damageThird('claims', { userId }, { rewards: 'all of them' })
  for (const path of ['/v1/users/me/claims', '/v1/users/me/ledger', '/v1/users/me/coupons']) {
    const perClaim = path.endsWith('ledger') ? 2 : 1
    t.equal((await get(path, user)).body.data.length, 4 * perClaim, path)
    for (const order of ['asc', 'desc']) {
      let count = 0
      let cursor = ''
      for (let page = 0; page < 20; page++) {
        const { status, body } = await get(`${path}?limit=1&order=${order}${cursor}`, user)
        t.equal(status, 200)
        count += body.data.length
        if (body.nextCursor === null) break
        cursor = `&cursor=${body.nextCursor as string}`
      }
      t.equal(count, 4 * perClaim, `${path} page by page, ${order}`)
    }
  }
  t.hasStrict((await get('/v1/users/me/wallet', user)).body, { points: 4 })
  t.equal((await get('/v1/claims')).body.data.length, 4)
  t.hasStrict(await get(`/v1/claims/${id}`), { status: 500, body: { code: 'INTERNAL_ERROR' } })
  t.equal((await get(`/v1/events/${events[2] ?? ''}/progress`, user)).status, 500)
  t.equal((await call('POST', `/v1/events/${events[2] ?? ''}/claims`, { token: user })).status, 500)
  const evaluation = { token: operator, body: { userId } }
  t.equal((await call('POST', `/v1/events/${events[2] ?? ''}/evaluate`, evaluation)).status, 500)
  t.equal((await get('/v1/users/me/events', user)).body.data.length, 4)
  t.match(await readMetrics(), /laurel_unreadable_rows_total\{collection="claims"\} \d+/)
})

t.test('a list omits an event that cannot be read; reading it individually is 500', async t => {
  for (const fields of [{ rewards: null }, { startsAt: 'tomorrow' }, { timeZone: 'Mars/Olympus' }, { name: 7 }]) {
    const { body: { id } } = await call('POST', '/v1/events', { token: operator, body: runningEvent() })
    await db.collection<Row>('events').updateOne({ _id: id }, { $set: fields })
    const { status, body } = await get('/v1/events?limit=100')
    t.equal(status, 200)
    t.notOk(body.data.some((event: { id: string }) => event.id === id), JSON.stringify(fields))
    t.hasStrict(await get(`/v1/events/${id as string}`), { status: 500, body: { code: 'INTERNAL_ERROR' } })
  }
  t.match(await readMetrics(), /laurel_unreadable_rows_total\{collection="events"\} \d+/)
})

t.test('500 for claims of an event whose stock is damaged', async t => {
  const eventId = await activeEvent(call, operator, null, [{ type: 'POINT', name: 'Points', amount: 1, stock: 5 }])
  await db.collection<Row>('events').updateOne({ _id: eventId }, { $set: { 'rewards.0.stock': 'plenty' } })
  t.equal((await call('POST', `/v1/events/${eventId}/claims`, { token: as('USER') })).status, 500)
})

t.test('a list omits activities and audit entries that cannot be read', async t => {
  const path = `/v1/users/${userId}/activities`
  const list = async () => (await get(path)).body.data.length as number
  const before = await list()
  await damageThird('activities', { userId }, { receivedAt: 'yesterday' })
  t.equal(await list(), before - 1)

  const audits = async () => (await get('/v1/audit/events?limit=100', as('ADMIN'))).body.data.length as number
  const known = await audits()
  await damageThird('audits', {}, { actorId: 7 })
  t.equal(await audits(), known - 1)
})
