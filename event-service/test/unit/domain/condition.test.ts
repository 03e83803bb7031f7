import type { Leaf, Progress, Where } from '@laurel/shared/contracts'
import t from 'tap'
import { fold, type CountableActivity } from '../../../src/domain/condition.ts'

const at = (instant: string, value?: number): CountableActivity => ({
  type: 'a',
  occurredAt: new Date(instant),
  ...(value === undefined ? {} : { value })
})
const now = '2026-11-21T12:00:00Z'
const utc = { timeZone: 'UTC', dayStartsAt: '00:00' }

function leaf (progress: Progress): { readonly current: number, readonly met: boolean } {
  if (!('current' in progress)) throw new Error('a tree')
  return progress
}

function current (
  aggregation: Leaf['aggregation'], activities: readonly CountableActivity[], timeZone = 'UTC'
): number {
  return leaf(fold({ aggregation, activity: 'a', target: 1 }, activities, { timeZone, dayStartsAt: '00:00' })).current
}

t.test('progress adds current and met to the condition; current is not capped at target', async t => {
  const condition: Leaf = { aggregation: 'count', activity: 'a', target: 2 }
  t.strictSame(fold(condition, [], utc), { ...condition, current: 0, met: false })
  t.strictSame(fold(condition, [at(now)], utc), { ...condition, current: 1, met: false })
  t.strictSame(fold(condition, [at(now), at(now)], utc), { ...condition, current: 2, met: true })
  t.strictSame(fold(condition, [at(now), at(now), at(now)], utc), { ...condition, current: 3, met: true })
})

t.test('sum adds exact thousandths; an activity without a value adds nothing', async t => {
  t.equal(current('sum', [at(now, 0.1), at(now, 0.2)]), 0.3)
  t.equal(current('sum', Array.from({ length: 10 }, () => at(now, 0.1))), 1)
  t.equal(current('sum', Array.from({ length: 1000 }, () => at(now, 0.001))), 1)
  t.equal(current('sum', [at(now, 1.005), at(now, 2.675), at(now)]), 3.68)
  t.equal(current('sum', [at(now), at(now)]), 0)
  for (let thousandths = 0; thousandths < 20_000; thousandths++) {
    const value = thousandths / 1000
    if (current('sum', [at(now, value)]) !== value) t.fail(`${value} is shown as ${current('sum', [at(now, value)])}`)
  }
  t.equal(current('sum', Array.from({ length: 9000 }, () => at(now, 1_000_000_000))), 9_000_000_000_000)
  t.ok(
    fold(
      { aggregation: 'sum', activity: 'a', target: 1 },
      Array.from({ length: 10 }, () => at(now, 0.1)),
      utc
    ).met,
    'ten times 0.1 meets 1'
  )
})

t.test('active_days counts calendar dates of the zone, not periods of 24 hours', async t => {
  const aroundMidnight = [at('2026-11-20T14:59:59.999Z'), at('2026-11-20T15:00:00Z')]
  t.equal(current('active_days', aroundMidnight, 'Asia/Seoul'), 2, 'a millisecond apart')
  t.equal(current('active_days', aroundMidnight, 'UTC'), 1)
  t.equal(current('active_days', [at('2026-11-20T18:14:59.999Z'), at('2026-11-20T18:15:00Z')], 'Asia/Kathmandu'), 2)
  t.equal(
    current('active_days', [at('2026-11-01T04:00:00Z'), at('2026-11-02T04:59:59.999Z')], 'America/New_York'),
    1,
    'one day of 25 hours'
  )
  t.equal(
    current('active_days', [at('2026-03-08T05:00:00Z'), at('2026-03-09T04:00:00Z')], 'America/New_York'),
    2,
    '23 hours later'
  )
  t.equal(current('active_days', []), 0)
})

t.test('text is compared in Unicode NFC', async t => {
  const data = (shop: string) => ({ type: 'a', occurredAt: new Date(now), data: { shop } })
  const both = ['카페'.normalize('NFC'), '카페'.normalize('NFD')].map(data)
  const count = { aggregation: 'count', activity: 'a', target: 1 } as const
  for (const form of ['NFC', 'NFD'] as const) {
    const shop = '카페'.normalize(form)
    const where = (test: object) => ({ ...count, where: [{ property: 'shop', ...test } as Where] })
    t.equal(leaf(fold(where({ op: 'eq', value: shop }), both, utc)).current, 2)
    t.equal(leaf(fold(where({ op: 'in', value: [7, shop] }), both, utc)).current, 2)
    t.equal(leaf(fold(where({ op: 'ne', value: shop }), both, utc)).current, 0)
    t.equal(leaf(fold(where({ op: 'lte', value: shop }), both, utc)).current, 2)
  }
  const unique = { aggregation: 'unique_count', activity: 'a', property: 'shop', target: 1 } as const
  t.equal(leaf(fold(unique, both, utc)).current, 1)
})
