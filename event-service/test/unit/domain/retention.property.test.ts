import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import t from 'tap'
import type { Condition } from '@laurel/shared/contracts'
import { evaluateClaim } from '../../../src/domain/decision.ts'
import { claimEnd, type RewardEvent } from '../../../src/domain/event.ts'
import { daysBefore, retentionFor, type Retention } from '../../../src/domain/retention.ts'
import type { CountableActivity } from '../../../src/domain/tally.ts'
import { assertProperty } from '../../../../test/kit/run/property.ts'

const day = 86_400_000
const now = new Date('2026-11-26T00:00:00Z')
const types = ['quest.cleared', 'game.scored', 'user.visited'] as const

const instant = fc.integer({ min: -400, max: 100 }).chain(days =>
  fc.integer({ min: -day, max: day }).map(rest => new Date(now.getTime() + days * day + rest)))
const leaf = fc.record({
  aggregation: fc.constantFrom('count' as const, 'sum' as const, 'active_days' as const, 'streak' as const),
  activity: fc.constantFrom(...types),
  target: fc.integer({ min: 1, max: 5 })
})
const condition: fc.Arbitrary<Condition | null> = fc.oneof(
  fc.constant(null), leaf, fc.record({ all: fc.array(leaf, { minLength: 1, maxLength: 3 }) }),
  fc.record({ any: fc.array(leaf, { minLength: 1, maxLength: 3 }) }))
const event = fc.record({
  condition,
  startsAt: instant,
  length: fc.integer({ min: 1, max: 300 * day }),
  claimable: fc.option(fc.integer({ min: 0, max: 100 * day })),
  claimPeriod: fc.constantFrom('EVENT' as const, 'DAY' as const, 'WEEK' as const, 'MONTH' as const),
  timeZone: fc.constantFrom('UTC', 'Asia/Seoul', 'America/New_York'),
  status: fc.constantFrom('ACTIVE' as const, 'INACTIVE' as const)
}).map(({ length, claimable, ...rest }): RewardEvent => {
  const endsAt = new Date(rest.startsAt.getTime() + length)
  return {
    id: 'e',
    name: 'An event',
    description: '',
    endsAt,
    claimUntil: claimable === null ? null : new Date(endsAt.getTime() + claimable),
    dayStartsAt: '06:00',
    weekStartsOn: 'MONDAY',
    stockPer: 'EVENT',
    grantMode: 'AUTO',
    group: null,
    position: 0,
    activatedAt: null,
    rewards: [],
    version: 1,
    createdAt: now,
    updatedAt: now,
    ...rest
  }
})
const activities = fc.array(fc.record({
  type: fc.constantFrom(...types), occurredAt: instant, value: fc.integer({ min: 0, max: 9 })
}), { minLength: 20, maxLength: 60 })

function isRemoved ({ type, occurredAt }: CountableActivity, { before, kept }: Retention): boolean {
  return occurredAt < before &&
    !(kept.get(type) ?? []).some(({ from, to }) => occurredAt >= from && occurredAt < to)
}

t.test('a removal does not change the results of an event that needs its activities, at any time', async t => {
  let removals = 0
  assertProperty(fc.property(
    fc.array(event, { maxLength: 5 }), activities, fc.integer({ min: 3, max: 200 }), instant,
    (events, all, days, at) => {
      const before = daysBefore(now, days)
      const needing = events.filter(event => claimEnd(event) > before)
      const retention = retentionFor(needing, before)
      const left = all.filter(activity => !isRemoved(activity, retention))
      removals += all.length - left.length
      const isSame = (event: RewardEvent, within: Date): boolean => isDeepStrictEqual(
        evaluateClaim(event, { activities: left }, within, within),
        evaluateClaim(event, { activities: all }, within, within))
      return needing.every(event => isSame(event, now) && isSame(event, at))
    }), 300)
  t.ok(removals > 1000, `${removals} activities were removed`)
})

t.test('old activities are removed exactly if no event counts them, at both ends of an event', async t => {
  const second = (seconds: number): Date => new Date(now.getTime() + seconds * 1000)
  const count: Condition = { aggregation: 'count', activity: 'quest.cleared', target: 1 }
  const other: Condition = { ...count, activity: 'game.scored' }
  const retention = retentionFor([
    { condition: { all: [count, other] }, startsAt: second(10), endsAt: second(20) },
    { condition: count, startsAt: second(0), endsAt: second(10) },
    { condition: count, startsAt: second(12), endsAt: second(15) },
    { condition: count, startsAt: second(30), endsAt: second(40) },
    { condition: null, startsAt: second(0), endsAt: second(100) }
  ], second(35))
  t.same(retention.kept, new Map([
    ['quest.cleared', [{ from: second(0), to: second(20) }, { from: second(30), to: second(40) }]],
    ['game.scored', [{ from: second(10), to: second(20) }]]
  ]))
  const removed = (type: string): number[] => Array.from({ length: 50 }, (_, index) => index - 1)
    .filter(index => isRemoved({ type, occurredAt: second(index) }, retention))
  t.same(removed('quest.cleared'), [-1, ...Array.from({ length: 10 }, (_, index) => 20 + index)])
  t.equal(removed('user.visited').length, 36)
})
