import type { Condition } from '@laurel/shared/contracts'
import t from 'tap'
import { fold, type Activity } from '../../src/domain/condition.ts'

const at = (instant: string, value?: number): Activity => ({ occurredAt: new Date(instant), ...(value === undefined ? {} : { value }) })
const now = '2026-11-21T12:00:00Z'

function current (aggregation: Condition['aggregation'], activities: readonly Activity[], timeZone = 'UTC'): number {
  return fold({ aggregation, activity: 'a', target: 1 }, activities, timeZone).current
}

t.test('progress is the condition with current and met; current is not capped at target', async t => {
  const condition: Condition = { aggregation: 'count', activity: 'quest.cleared', target: 2 }
  t.strictSame(fold(condition, [], 'UTC'), { ...condition, current: 0, met: false })
  t.strictSame(fold(condition, [at(now)], 'UTC'), { ...condition, current: 1, met: false })
  t.strictSame(fold(condition, [at(now), at(now)], 'UTC'), { ...condition, current: 2, met: true })
  t.strictSame(fold(condition, [at(now), at(now), at(now)], 'UTC'), { ...condition, current: 3, met: true })
})

t.test('sum adds thousandths, not binary fractions; what has no value adds nothing', async t => {
  t.equal(current('sum', [at(now, 0.1), at(now, 0.2)]), 0.3)
  t.equal(current('sum', Array.from({ length: 10 }, () => at(now, 0.1))), 1)
  t.equal(current('sum', Array.from({ length: 1000 }, () => at(now, 0.001))), 1)
  t.equal(current('sum', [at(now, 1.005), at(now, 2.675), at(now)]), 3.68)
  t.equal(current('sum', [at(now), at(now)]), 0)
  t.equal(current('sum', Array.from({ length: 9000 }, () => at(now, 1_000_000_000))), 9_000_000_000_000)
  t.ok(fold({ aggregation: 'sum', activity: 'a', target: 1 }, Array.from({ length: 10 }, () => at(now, 0.1)), 'UTC').met, 'ten times 0.1 meets 1')
})

t.test('active_days counts calendar dates of the zone, not spans of 24 hours', async t => {
  const aroundMidnight = [at('2026-11-20T14:59:59.999Z'), at('2026-11-20T15:00:00Z')]
  t.equal(current('active_days', aroundMidnight, 'Asia/Seoul'), 2, 'a millisecond apart')
  t.equal(current('active_days', aroundMidnight, 'UTC'), 1)
  t.equal(current('active_days', [at('2026-11-20T18:14:59.999Z'), at('2026-11-20T18:15:00Z')], 'Asia/Kathmandu'), 2)
  t.equal(current('active_days', [at('2026-11-01T04:00:00Z'), at('2026-11-02T04:59:59.999Z')], 'America/New_York'), 1, 'one day of 25 hours')
  t.equal(current('active_days', [at('2026-03-08T05:00:00Z'), at('2026-03-09T04:00:00Z')], 'America/New_York'), 2, '23 hours later')
  t.equal(current('active_days', []), 0)
})

const zones = ['UTC', 'Asia/Seoul', 'Asia/Kathmandu', 'America/New_York', 'Pacific/Apia', 'America/Santiago', 'Europe/London', 'Australia/Lord_Howe']

/** What a person would do with pencil and paper: digits as text, whole numbers of any size, one day after the other. */
function slowly (aggregation: Condition['aggregation'], activities: readonly Activity[], timeZone: string): number {
  if (aggregation === 'count') return activities.reduce(sum => sum + 1, 0)
  if (aggregation === 'sum') {
    const thousandths = activities.reduce((sum, { value = 0 }) => sum + BigInt(value.toFixed(3).replace('.', '')), 0n)
    return Number(`${thousandths / 1000n}.${String(thousandths % 1000n).padStart(3, '0')}`)
  }
  const days: string[] = []
  for (const { occurredAt } of activities) {
    const [day] = occurredAt.toLocaleString('sv-SE', { timeZone }).split(' ')
    if (day !== undefined && !days.includes(day)) days.push(day)
  }
  return days.length
}

/** Mulberry32: small, and the same numbers for the same seed. */
function randomFrom (seed: number): (below: number) => number {
  let state = seed
  return below => {
    state = (state + 0x6D2B79F5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

t.test('fold does what a slow obvious version does, in any order, and more never takes progress away', async t => {
  const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000)
  t.comment(`SEED=${seed}`)
  const random = randomFrom(seed)
  const wrong: string[] = []
  for (let round = 0; round < 300; round++) {
    const aggregation = (['count', 'sum', 'active_days'] as const)[random(3)] ?? 'count'
    const timeZone = zones[random(zones.length)] ?? 'UTC'
    const start = Date.UTC(2000 + random(100), random(12), 1 + random(28))
    const activities = Array.from({ length: random(40) }, (): Activity => ({
      occurredAt: new Date(start + random(10 * 86_400_000)),
      ...(random(4) === 0 ? {} : { value: random(2) === 0 ? random(1_000_000_001) : random(1_000_000) / 1000 })
    }))
    const target = 1 + random(20)
    const condition: Condition = { aggregation, activity: 'a', target }
    const expected = slowly(aggregation, activities, timeZone)
    const folded = fold(condition, activities, timeZone)
    const note = (what: string): void => { wrong.push(`SEED=${seed}, round ${round}, ${aggregation} in ${timeZone}: ${what}`) }
    if (folded.current !== expected) note(`${folded.current}, not ${expected}`)
    if (folded.met !== (expected >= target)) note(`met ${String(folded.met)} with ${expected} of ${target}`)
    if (fold(condition, activities.toReversed(), timeZone).current !== expected) note('another order, another result')
    if (fold(condition, activities.slice(1), timeZone).current > expected) note('fewer activities, more progress')
  }
  t.strictSame(wrong, [])
})
