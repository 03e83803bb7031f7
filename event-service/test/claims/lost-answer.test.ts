import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { activeEvent } from '../../../test/kit/events.ts'
import { as, newUserId, startEventService } from '../../../test/kit/event-service.ts'

t.test('Idempotency-Key: a connection cut anywhere between the request and its answer still ends in 201, with one grant', async t => {
  const { call, url } = await startEventService(t)
  const eventId = await activeEvent(call, as('OPERATOR'))
  let replays = 0
  for (let round = 0; round < 40; round++) {
    const userId = newUserId()
    const token = as('USER', userId)
    const headers = { 'idempotency-key': `round-${round}` }
    const path = `/v1/events/${eventId}/claims`
    const cut = request(`${url}${path}`, { method: 'POST', headers: { ...headers, authorization: `Bearer ${token}` } })
    cut.on('error', () => undefined)
    cut.end()
    await sleep(round / 4)
    cut.destroy()

    const { status, headers: answered, body } = await call('POST', path, { token, headers })
    if (answered.get('idempotent-replayed') === 'true') replays++
    t.match({ status, body }, { status: 201, body: { status: 'GRANTED', userId } })
    t.match((await call('GET', '/v1/users/me/wallet', { token })).body, { points: 500 })
    t.equal((await call('POST', path, { token })).status, 409, 'without the key it is another request')
  }
  t.comment(`${replays} of 40 answers were lost after the grant`)
  t.ok(replays > 0, 'some were cut after the grant was written')
})
