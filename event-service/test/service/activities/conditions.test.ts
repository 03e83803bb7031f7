import t from 'tap'
import { runningEvent } from '../../../../test/kit/servers/events.ts'
import { as } from '../../../../test/kit/servers/event-service.ts'
import { sharedEventService } from '../../../../test/kit/servers/shared-event-service.ts'

const leaf = { aggregation: 'count', activity: 'quest.cleared', target: 1 }
const where = (test: object) => ({ ...leaf, where: [test] })

t.test('conditions', async t => {
  const { call } = await sharedEventService()
  const token = as('OPERATOR')
  const create = async (condition: unknown) =>
    await call('POST', '/v1/events', { token, body: runningEvent(condition as never) })

  t.test('201: every kind of condition is stored as it was sent', async t => {
    for (const condition of [
      { aggregation: 'active_days', activity: 'user.visited', target: 3 },
      { aggregation: 'streak', activity: 'user.visited', target: 7 },
      { aggregation: 'unique_count', activity: 'friend.invited', property: 'inviteeId', target: 3 },
      {
        aggregation: 'sum',
        activity: 'order.paid',
        target: 50,
        where: [{ property: 'shop', op: 'in', value: ['a', 7, true] }]
      },
      { all: [leaf, { any: [leaf, leaf] }] },
      { any: Array.from({ length: 10 }, () => leaf) },
      where({ property: 'questId', op: 'eq', value: 'q-7' }),
      where({ property: 'level', op: 'gte', value: 7 }),
      null
    ]) {
      const { status, body } = await create(condition)
      t.equal(status, 201, JSON.stringify(body.errors))
      t.same(body.condition, condition)
    }
  })

  t.test('400: an invalid condition is rejected with a pointer to the error', async t => {
    const cases: ReadonlyArray<readonly [condition: unknown, pointer: string]> = [
      [{ ...leaf, targets: 1 }, '/condition/targets'],
      [{ ...leaf, aggregation: 'median' }, '/condition/aggregation'],
      [{ ...leaf, target: 0 }, '/condition/target'],
      [{ ...leaf, target: '1' }, '/condition/target'],
      [{ ...leaf, activity: { $gt: '' } }, '/condition/activity'],
      [{ aggregation: 'count', target: 1 }, '/condition/activity'],
      [{ ...leaf, aggregation: 'unique_count' }, '/condition/property'],
      [{ ...leaf, aggregation: 'unique_count', property: 'constructor' }, '/condition/property'],
      [where({ property: '__proto__', op: 'eq', value: 1 }), '/condition/where/0/property'],
      [where({ property: 'a', op: 'eq', value: { $ne: 1 } }), '/condition/where/0/value'],
      [where({ property: 'a', op: 'like', value: 1 }), '/condition/where/0/op'],
      [where({ property: 'a', op: 'in', value: [] }), '/condition/where/0/value'],
      [where({ property: 'a', op: 'in', value: 'a' }), '/condition/where/0/value'],
      [where({ property: 'a', op: 'eq', value: [1] }), '/condition/where/0/value'],
      [where({ property: 'a', op: 'eq' }), '/condition/where/0/value'],
      [
        { ...leaf, where: Array.from({ length: 6 }, () => ({ property: 'a', op: 'eq', value: 1 })) },
        '/condition/where'
      ],
      [{ all: [] }, '/condition/all'],
      [{ all: [leaf], any: [leaf] }, '/condition/any'],
      [{ all: Array.from({ length: 11 }, () => leaf) }, '/condition/all'],
      [
        { all: [{ all: Array.from({ length: 6 }, () => leaf) }, { any: Array.from({ length: 5 }, () => leaf) }] },
        '/condition'
      ],
      [{ all: [{ any: [{ all: [leaf] }] }] }, '/condition/all/0/any/0/all'],
      [{ not: leaf }, '/condition/not'],
      [[leaf], '/condition'],
      ['count', '/condition']
    ]
    for (const [condition, pointer] of cases) {
      const { status, body } = await create(condition)
      t.equal(status, 400, JSON.stringify(condition))
      t.ok(
        body.errors?.some((error: { pointer: string }) => error.pointer === pointer),
        `${pointer} in ${JSON.stringify(body.errors)}`
      )
    }
  })

  t.test('400: a patch with an invalid condition is rejected', async t => {
    const { body: { id } } = await create(leaf)
    const tooMany = {
      any: [{ all: Array.from({ length: 6 }, () => leaf) }, { all: Array.from({ length: 6 }, () => leaf) }]
    }
    t.match(await call('PATCH', `/v1/events/${id}`, { token, body: { condition: tooMany } }), {
      status: 400,
      body: { errors: [{ pointer: '/condition' }] }
    })
  })

  t.test('conditionText describes the condition in English and Korean', async t => {
    const { body } = await create({ aggregation: 'streak', activity: 'user.visited', target: 7 })
    t.same(body.conditionText, { en: 'Visit on 7 days in a row', ko: '7일 연속 방문하기' })
    const { body: list } = await call('GET', '/v1/events?limit=1', { token })
    t.same(list.data[0].conditionText, body.conditionText)
  })
})
