import t from 'tap'
import { activeEvent } from '../../../../test/kit/servers/events.ts'
import { as, newUserId, startEventService, type Row } from '../../../../test/kit/servers/event-service.ts'

const operator = as('OPERATOR')
const points = (stock: number) => [{ type: 'POINT', name: 'Points', amount: 1, stock }]
const readMetrics = async (url: string) => await (await fetch(`${url}/metrics`)).text()

t.test('/metrics counts claim requests by outcome and the requests of each batch, without user ids', async t => {
  const { call, url } = await startEventService(t)
  const claim = async (eventId: string, userId = newUserId()) =>
    await call('POST', `/v1/events/${eventId}/claims`, { token: as('USER', userId) })
  const eventId = await activeEvent(call, operator, null, points(1))
  const userId = newUserId()
  await claim(eventId, userId)
  await claim(eventId, userId)
  await claim(eventId)
  await claim(await activeEvent(call, operator, null, undefined, { grantMode: 'REVIEW' }))
  await call('GET', `/v1/events/${eventId}/progress`, { token: as('USER') })
  const text = await readMetrics(url)
  for (const outcome of ['GRANTED', 'ALREADY_CLAIMED', 'OUT_OF_STOCK', 'PENDING']) {
    t.match(text, `laurel_claims_total{outcome="${outcome}"} 1`)
  }
  t.match(text, 'laurel_batch_requests_count{of="claims"} 4')
  t.match(text, 'laurel_batch_requests_count{of="progress"} 1')
  t.notMatch(text, userId)
})

t.test('/metrics shows the remaining stock of running events with limited rewards, and of no others', async t => {
  const { call, url, db } = await startEventService(t)
  const limited = await activeEvent(call, operator, null, points(3))
  const unlimited = await activeEvent(call, operator, null)
  const ended = await activeEvent(call, operator, null, points(3))
  await db.collection<Row>('events').updateOne({ _id: ended }, { $set: { endsAt: new Date(Date.now() - 1000) } })
  await call('POST', `/v1/events/${limited}/claims`, { token: as('USER') })
  const text = await readMetrics(url)
  t.match(text, `laurel_stock_remaining{event="${limited}"} 2`)
  for (const other of [unlimited, ended]) t.notMatch(text, other)
})
