import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Db } from 'mongodb'
import t from 'tap'
import { eventually } from '../../../../test/kit/run/eventually.ts'
import { inFullRun } from '../../../../test/kit/run/size.ts'
import { activeEvent } from '../../../../test/kit/servers/events.ts'
import { as, newUserId, type Row } from '../../../../test/kit/servers/event-service.ts'
import { sharedEventService } from '../../../../test/kit/servers/shared-event-service.ts'

t.test('201: a retry after the connection broke at any moment succeeds with one grant', async t => {
  const { call, db, url } = await sharedEventService()
  const eventId = await activeEvent(call, as('OPERATOR'))
  const rounds = inFullRun(40, 16)
  let replays = 0
  for (let round = 0; round < rounds; round++) {
    const userId = newUserId()
    const token = as('USER', userId)
    const headers = { 'idempotency-key': `round-${round}` }
    const path = `/v1/events/${eventId}/claims`
    const cut = request(`${url}${path}`, { method: 'POST', headers: { ...headers, authorization: `Bearer ${token}` } })
    cut.on('error', () => undefined)
    cut.end()
    // Up to 10 ms.
    await sleep(10 * round / rounds)
    // The last connection breaks after the claim was granted, even on a slow machine.
    if (round === rounds - 1) {
      await eventually(async () => await db.collection('claims').countDocuments({ userId }) === 1)
    }
    cut.destroy()

    const { status, headers: answered, body } = await call('POST', path, { token, headers })
    if (answered.get('idempotent-replayed') === 'true') replays++
    t.match({ status, body }, { status: 201, body: { status: 'GRANTED', userId } })
    t.match((await call('GET', '/v1/users/me/wallet', { token })).body, { points: 500 })
    t.equal((await call('POST', path, { token })).status, 409, 'without the key it is a second claim')
  }
  t.comment(`${replays} of ${rounds} answers were lost after the grant`)
  t.ok(replays > 0, 'some connections were cut after the grant')
})

/** Moves the claim of a user to yesterday. Returns the period of that day. */
async function moveToYesterday (db: Db, eventId: string, userId: string): Promise<string> {
  const claims = db.collection<Row>('claims')
  const row = await claims.findOneAndDelete({ eventId, userId }) as Row
  const yesterday = new Date(Date.parse(row['period']) - 24 * 60 * 60 * 1000).toISOString().slice(0, 10)
  await claims.insertOne({ ...row, _id: row._id.replace(row['period'], yesterday), period: yesterday })
  return yesterday
}

t.test('201: a retry after midnight gets the grant of the previous day, and no grant for the new day', async t => {
  const { call, db } = await sharedEventService()
  const eventId = await activeEvent(call, as('OPERATOR'), null, undefined, { claimPeriod: 'DAY' })
  const userId = newUserId()
  const path = `/v1/events/${eventId}/claims`
  const claim = async (key: string) =>
    await call('POST', path, { token: as('USER', userId), headers: { 'idempotency-key': key } })
  const { body: first } = await claim('last-of-the-day')
  t.equal(first.status, 'GRANTED')

  const yesterday = await moveToYesterday(db, eventId, userId)
  const again = await claim('last-of-the-day')
  t.match(again, { status: 201, body: { period: yesterday, status: 'GRANTED' } })
  t.equal(again.headers.get('idempotent-replayed'), 'true')
  t.equal(await db.collection('claims').countDocuments({ eventId, userId }), 1)
  t.match(
    await claim('first-of-the-day'),
    { status: 201, body: { period: first.period } },
    'another key claims the new day'
  )
})

t.test('200: the same applies to a list of grants, some of which were made on the previous day', async t => {
  const { call, db } = await sharedEventService()
  const operator = as('OPERATOR')
  const eventId = await activeEvent(call, operator, null, undefined, { claimPeriod: 'DAY' })
  const [before, after] = [newUserId(), newUserId()]
  const body = { grants: [{ userId: before }, { userId: after }], condition: 'CHECK', reason: 'outage' }
  const grant = async () => await call('POST', `/v1/events/${eventId}/grants`, {
    token: operator, body, headers: { 'idempotency-key': 'outage' }
  })
  const { body: { results } } = await grant()
  const yesterday = await moveToYesterday(db, eventId, before)
  const again = await grant()
  t.equal(again.headers.get('idempotent-replayed'), 'true')
  t.match(again.body.results, [{ ok: true, claim: { period: yesterday } }, results[1]])
  t.equal(await db.collection('claims').countDocuments({ eventId }), 2)
})
