import t from 'tap'
import { as, newUserId } from '../../../../test/kit/servers/event-service.ts'
import { sharedEventService } from '../../../../test/kit/servers/shared-event-service.ts'

t.test('200: listActivities shows the activities of a user by type and time, newest first', async t => {
  const { call, did, db } = await sharedEventService()
  const token = as('OPERATOR')
  const userId = newUserId()
  await did(userId, 'quest.cleared', {
    id: 'a',
    occurredAt: '2026-01-03T00:00:00Z',
    value: 1.5,
    data: { questId: 'q-7' }
  })
  await did(userId, 'order.paid', { id: 'b', occurredAt: '2026-01-02T00:00:00Z' })
  await did(userId, 'quest.cleared', { id: 'c', occurredAt: '2026-01-01T00:00:00Z' })
  await did(newUserId(), 'quest.cleared', { id: 'd' })
  const list = async (query = '') => (await call('GET', `/v1/users/${userId}/activities${query}`, { token })).body
  const ids = async (query: string) => (await list(query)).data.map(({ id }: { id: string }) => id)

  t.match((await list()).data[0], {
    id: 'a',
    userId,
    type: 'quest.cleared',
    occurredAt: '2026-01-03T00:00:00.000Z',
    value: 1.5,
    data: { questId: 'q-7' },
    sender: String
  })
  t.ok(Math.abs(Date.parse((await list()).data[0].receivedAt) - Date.now()) < 60_000, 'when MongoDB received it')
  t.same(await ids(''), ['a', 'b', 'c'], 'newest first')
  t.same(await ids('?order=asc'), ['c', 'b', 'a'])
  t.same(await ids('?type=quest.cleared'), ['a', 'c'])
  t.same(await ids('?from=2026-01-02T00:00:00Z&to=2026-01-03T00:00:00Z'), ['b'], 'half-open')
  t.same(await ids('?to=2026-01-02T00:00:00Z'), ['c'])

  const page = await list('?limit=2')
  t.same(await ids(`?limit=2&cursor=${String(page.nextCursor)}`), ['c'])
  t.same((await call('GET', '/v1/users/nobody/activities', { token })).body, { data: [], nextCursor: null })

  await t.test('pages are read from an index, without a sort or a collection scan', async t => {
    for (const types of [['quest.cleared'], ['order.paid', 'quest.cleared']]) {
      const plan = JSON.stringify(
        await db
          .collection('activities')
          .find({ userId, type: { $in: types } })
          .sort({ occurredAt: -1, _id: -1 })
          .limit(20)
          .explain('queryPlanner')
      )
      t.notMatch(plan, /COLLSCAN/)
      t.notMatch(JSON.stringify(JSON.parse(plan).queryPlanner.winningPlan), /"stage":"SORT"/)
    }
  })
})
