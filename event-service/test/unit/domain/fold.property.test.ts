import type { Condition, Leaf, Progress } from '@laurel/shared/contracts'
import fc from 'fast-check'
import { BSON } from 'mongodb'
import t from 'tap'
import { aggregations } from '../../../src/domain/aggregations.ts'
import { fold, leavesOf, tallyOf, type CountableActivity } from '../../../src/domain/condition.ts'
import type { Tally } from '../../../src/domain/tally.ts'
import { readTally, storedTally } from '../../../src/stores/snapshots.ts'
import { slowCurrent, slowMet } from './support/slow.ts'
import { assertProperty } from '../../../../test/kit/run/property.ts'

// Zones with daylight saving in both hemispheres, with offsets of 30 and 45 minutes, far from UTC, and UTC itself.
const zones = [
  'UTC',
  'Asia/Seoul',
  'America/New_York',
  'Europe/Berlin',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'Asia/Kolkata',
  'Pacific/Kiritimati',
  'Pacific/Pago_Pago',
  'America/St_Johns',
  'Africa/Cairo',
  'America/Sao_Paulo'
]

const zone = fc.constantFrom(...zones)
const type = fc.constantFrom('quest.cleared', 'user.visited', 'order.paid')
const property = fc.constantFrom('questId', 'level', 'toString')
const scalar = fc.oneof(fc.constantFrom('a', 'b', '7', ''), fc.integer({ min: 0, max: 9 }), fc.boolean())

// Around changes of daylight saving, leap days, year ends and ISO week 53; and at any other instant.
const turns = [
  '2026-03-08T07:00:00Z',
  '2026-11-01T06:00:00Z',
  '2026-03-29T01:00:00Z',
  '2024-02-29T00:00:00Z',
  '2026-12-31T23:00:00Z',
  '2020-12-31T12:00:00Z',
  '2011-12-30T10:00:00Z'
]
const occurredAt = fc.oneof(
  fc
    .tuple(fc.constantFrom(...turns), fc.integer({ min: -5 * 86_400_000, max: 5 * 86_400_000 }))
    .map(([turn, offset]) => new Date(Date.parse(turn) + offset)),
  fc.date({ min: new Date('2000-01-02T00:00:00Z'), max: new Date('2100-12-30T00:00:00Z'), noInvalidDate: true })
)
const activity: fc.Arbitrary<CountableActivity> = fc.record({
  type,
  occurredAt,
  value: fc.oneof(fc.integer({ min: 0, max: 10_000 }), fc.integer({ min: 0, max: 1_000_000_000_000 }))
    .map(thousandths => thousandths / 1000),
  data: fc.dictionary(property, scalar, { maxKeys: 3 })
}, { requiredKeys: ['type', 'occurredAt'] })

const where = fc.oneof(
  fc.record({
    property,
    op: fc.constantFrom('eq' as const, 'ne' as const, 'gt' as const, 'gte' as const, 'lt' as const, 'lte' as const),
    value: scalar
  }),
  fc.record({ property, op: fc.constant('in' as const), value: fc.array(scalar, { minLength: 1, maxLength: 4 }) })
)
const names = Object.keys(aggregations) as Array<Leaf['aggregation']>
const leaf: fc.Arbitrary<Leaf> = fc.record({
  aggregation: fc.constantFrom(...names),
  activity: type,
  property,
  where: fc.array(where, { maxLength: 2 }),
  target: fc.integer({ min: 1, max: 6 })
})
const children = (of: fc.Arbitrary<Condition>) => fc.array(of, { minLength: 1, maxLength: 3 })
const node = (of: fc.Arbitrary<Condition>): fc.Arbitrary<Condition> =>
  fc.oneof(of, children(of).map(all => ({ all })), children(of).map(any => ({ any })))
const condition = node(node(leaf))

const activities = fc.array(activity, { maxLength: 30 })
const runs = 400
const foldIn = (condition: Condition, activities: readonly CountableActivity[], timeZone: string) =>
  fold(condition, activities, { timeZone, dayStartsAt: '00:00' })

function leavesOfProgress (progress: Progress): Array<{ current: number, met: boolean }> {
  if ('all' in progress) return progress.all.flatMap(leavesOfProgress)
  if ('any' in progress) return progress.any.flatMap(leavesOfProgress)
  return [progress]
}

t.test('fold agrees with the slow, obvious version on every leaf and node', async t => {
  assertProperty(fc.property(condition, activities, zone, (condition, activities, zone) => {
    const progress = foldIn(condition, activities, zone)
    const expected = leavesOf(condition).map(leaf => slowCurrent(leaf, activities, zone))
    return progress.met === slowMet(condition, activities, zone) &&
      JSON.stringify(leavesOfProgress(progress).map(({ current }) => current)) === JSON.stringify(expected)
  }), runs)
  t.pass()
})

t.test('progress does not depend on the order of the activities', async t => {
  assertProperty(
    fc.property(
      condition,
      fc
        .array(activity, { maxLength: 20 })
        .chain(list => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))),
      zone,
      (condition, [sent, shuffled], zone) =>
        JSON.stringify(foldIn(condition, sent, zone)) === JSON.stringify(foldIn(condition, shuffled, zone))
    ),
    runs
  )
  t.pass()
})

t.test('another activity never reduces progress', async t => {
  assertProperty(fc.property(condition, activities, activity, zone, (condition, activities, late, zone) => {
    const before = leavesOfProgress(foldIn(condition, activities, zone))
    const after = leavesOfProgress(foldIn(condition, [...activities, late], zone))
    return before.every(({ current }, index) => current <= (after[index]?.current ?? -1)) &&
      (!foldIn(condition, activities, zone).met || foldIn(condition, [...activities, late], zone).met)
  }), runs)
  t.pass()
})

t.test('`needsData` and `countsDays` of an aggregation are true if it reads data or depends on days', async t => {
  // All of one type and within four days, so that most results depend on the start of the day.
  const [type, first] = ['quest.cleared', Date.parse('2026-11-20T00:00:00Z')]
  const ownLeaf = leaf.map(({ where, ...rest }): Leaf => ({ ...rest, activity: type }))
  const near = activity.map(({ occurredAt, ...rest }) =>
    ({ ...rest, type, occurredAt: new Date(first + occurredAt.getTime() % (4 * 86_400_000)) }))
  assertProperty(fc.property(ownLeaf, fc.array(near, { maxLength: 10 }), zone, (leaf, activities, timeZone) => {
    const { needsData, countsDays } = aggregations[leaf.aggregation]
    const dates = activities.map(({ type, occurredAt }) => ({ type, occurredAt }))
    const [rules, late] = [{ timeZone, dayStartsAt: '00:00' }, { timeZone, dayStartsAt: '05:00' }]
    const progress = JSON.stringify(fold(leaf, activities, rules))
    return (needsData || JSON.stringify(fold(leaf, dates, rules)) === progress) &&
      (countsDays || JSON.stringify(fold(leaf, activities, late)) === progress)
  }), runs)
  t.pass()
})

/** Returns a tally after it was stored in MongoDB and read again. */
function storeAndRead (tally: Tally): Tally {
  return readTally(BSON.deserialize(BSON.serialize(storedTally(tally))) as ReturnType<typeof storedTally>)
}

for (const aggregation of names) {
  t.test(`${aggregation}: counting continues from a tally that was stored and read`, async t => {
    const ownLeaf = leaf.map(({ where, ...rest }): Leaf => ({ ...rest, aggregation, activity: 'quest.cleared' }))
    const own = fc.array(activity.map(rest => ({ ...rest, type: 'quest.cleared' })), { maxLength: 10 })
    assertProperty(fc.property(ownLeaf, own, own, zone, (leaf, earlier, later, timeZone) => {
      const rules = { timeZone, dayStartsAt: '00:00' }
      const { current } = aggregations[aggregation]
      const continued = tallyOf(leaf, later, rules, storeAndRead(tallyOf(leaf, earlier, rules)))
      return current(continued, leaf) === current(tallyOf(leaf, [...earlier, ...later], rules), leaf)
    }), runs)
    t.pass()
  })
}
