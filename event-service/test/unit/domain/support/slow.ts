import type { Condition, Leaf, Scalar, Where } from '@laurel/shared/contracts'
import type { CountableActivity } from '../../../../src/domain/condition.ts'
import type { RewardEvent } from '../../../../src/domain/event.ts'

// A slow and obvious version of the domain with other library calls, for comparison.

/** Returns the calendar date in a time zone. */
export function wallDate (instant: Date, timeZone: string): string {
  return instant.toLocaleString('sv-SE', { timeZone }).slice(0, 10)
}

function nextDate (date: string): string {
  return new Date(Date.parse(`${date}T12:00:00Z`) + 24 * 3_600_000).toISOString().slice(0, 10)
}

/** ISO 8601 by counting: the week that has the year's first Thursday is week 1. */
export function slowWeek (date: string): string {
  let thursday = date
  // To the Thursday of the same Monday-to-Sunday week.
  while (weekday(thursday) !== 4) thursday = weekday(thursday) < 4 ? nextDate(thursday) : previousDate(thursday)
  let week = 0
  for (let d = `${thursday.slice(0, 4)}-01-01`; d <= thursday; d = nextDate(d)) {
    if (weekday(d) === 4) week++
  }
  return `${thursday.slice(0, 4)}-W${String(week).padStart(2, '0')}`
}

function weekday (date: string): number {
  return new Date(`${date}T12:00:00Z`).getUTCDay() || 7
}

function previousDate (date: string): string {
  return new Date(Date.parse(`${date}T12:00:00Z`) - 24 * 3_600_000).toISOString().slice(0, 10)
}

export function slowPeriod (claimPeriod: RewardEvent['claimPeriod'], instant: Date, timeZone: string): string {
  const date = wallDate(instant, timeZone)
  return { EVENT: 'EVENT', DAY: date, WEEK: slowWeek(date), MONTH: date.slice(0, 7) }[claimPeriod]
}

function holds (test: Where, data: Record<string, Scalar>): boolean {
  if (!Object.keys(data).includes(test.property)) return false
  const value = data[test.property] as Scalar
  if (test.op === 'in') return test.value.some(candidate => Object.is(candidate, value) || candidate === value)
  if (test.op === 'eq') return value === test.value
  if (test.op === 'ne') return value !== test.value
  if (typeof value !== typeof test.value) return false
  if (test.op === 'gt') return value > test.value
  if (test.op === 'gte') return !(value < test.value)
  if (test.op === 'lt') return value < test.value
  return !(value > test.value)
}

export function slowMet (condition: Condition, activities: readonly CountableActivity[], timeZone: string): boolean {
  if ('all' in condition) return !condition.all.some(child => !slowMet(child, activities, timeZone))
  if ('any' in condition) return condition.any.filter(child => slowMet(child, activities, timeZone)).length > 0
  return slowCurrent(condition, activities, timeZone) >= condition.target
}

export function slowCurrent (leaf: Leaf, activities: readonly CountableActivity[], timeZone: string): number {
  const own: CountableActivity[] = []
  for (const activity of activities) {
    let counts = activity.type === leaf.activity
    for (const test of leaf.where ?? []) counts = counts && holds(test, activity.data ?? {})
    if (counts) own.push(activity)
  }
  return slowAggregations[leaf.aggregation](own, leaf, timeZone)
}

const datesOf = (activities: readonly CountableActivity[], timeZone: string): string[] =>
  activities.map(({ occurredAt }) => wallDate(occurredAt, timeZone))

/** One entry for each aggregation of the contract. */
const slowAggregations: Readonly<
  Record<Leaf['aggregation'], (own: readonly CountableActivity[], leaf: Leaf, timeZone: string) => number>
> = {
  count: own => own.length,
  sum: own => Number(own.reduce((sum, { value = 0 }) => sum + BigInt(Math.round(value * 1000)), 0n)) / 1000,
  active_days (own, _leaf, timeZone) {
    const dates = datesOf(own, timeZone)
    return dates.filter((date, index) => dates.indexOf(date) === index).length
  },
  unique_count (own, leaf) {
    const seen: Scalar[] = []
    for (const { data = {} } of own) {
      // A Map does not inherit a `toString` that could be mistaken for data.
      const value = new Map(Object.entries(data)).get(leaf.property ?? '')
      if (value !== undefined && !seen.includes(value)) seen.push(value)
    }
    return seen.length
  },
  streak (own, _leaf, timeZone) {
    const dates = datesOf(own, timeZone)
    let longest = 0
    for (const date of dates) {
      let run = 1
      for (let next = nextDate(date); dates.includes(next); next = nextDate(next)) run++
      longest = Math.max(longest, run)
    }
    return longest
  }
}
