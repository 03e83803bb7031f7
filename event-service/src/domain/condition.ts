import { maxLeaves, type Condition, type Leaf, type Progress, type Scalar, type Where } from '@laurel/shared/contracts'
import { invalidField } from '@laurel/shared/errors'
import { localDate, longestRun } from './calendar.ts'

/** What a condition looks at of something that a user did. */
export interface Activity {
  readonly type: string
  readonly occurredAt: Date
  /** 0 to 1,000,000,000 with at most 3 decimals. */
  readonly value?: number
  readonly data?: Readonly<Record<string, Scalar>>
}

export function leavesOf (condition: Condition): Leaf[] {
  if ('all' in condition) return condition.all.flatMap(leavesOf)
  if ('any' in condition) return condition.any.flatMap(leavesOf)
  return [condition]
}

/** The types of activities that a condition looks at. */
export function activityTypesOf (condition: Condition): string[] {
  return [...new Set(leavesOf(condition).map(({ activity }) => activity))]
}

/** The one bound that a schema cannot say. @throws {DomainError} 400. */
export function checkCondition (condition: Condition | null): void {
  if (condition !== null && leavesOf(condition).length > maxLeaves) throw invalidField('/condition', `must have at most ${maxLeaves} leaves in all`)
}

/**
 * How far these activities come towards a condition. They are those of one user in the claim's period; each is there once,
 * in any order. More activities never take progress away: there is no `not`.
 * @param timeZone the event's: days are calendar dates there.
 */
export function fold (condition: Condition, activities: readonly Activity[], timeZone: string): Progress {
  if ('all' in condition) {
    const all = condition.all.map(child => fold(child, activities, timeZone))
    return { all, met: all.every(({ met }) => met) }
  }
  if ('any' in condition) {
    const any = condition.any.map(child => fold(child, activities, timeZone))
    return { any, met: any.some(({ met }) => met) }
  }
  const { activity, where = [] } = condition
  const own = activities.filter(({ type, data }) => type === activity && where.every(test => matches(test, data)))
  const current = aggregate(condition, own, timeZone)
  return { ...condition, current, met: current >= condition.target }
}

function aggregate ({ aggregation, property = '' }: Leaf, activities: readonly Activity[], timeZone: string): number {
  switch (aggregation) {
    case 'count': return activities.length
    case 'sum': return sumOf(activities)
    case 'unique_count': return new Set(activities.map(({ data }) => valueOf(data, property)).filter(value => value !== undefined)).size
    case 'active_days': return new Set(datesOf(activities, timeZone)).size
    case 'streak': return longestRun(datesOf(activities, timeZone))
  }
}

function datesOf (activities: readonly Activity[], timeZone: string): string[] {
  return activities.map(({ occurredAt }) => localDate(occurredAt, timeZone))
}

/** Only what was sent: every object inherits a `toString`. */
function valueOf (data: Activity['data'], property: string): Scalar | undefined {
  return data !== undefined && Object.hasOwn(data, property) ? data[property] : undefined
}

function matches (test: Where, data: Activity['data']): boolean {
  const value = valueOf(data, test.property)
  if (value === undefined) return false
  switch (test.op) {
    case 'eq': return value === test.value
    case 'ne': return value !== test.value
    case 'in': return test.value.includes(value)
    case 'gt': return isComparable(value, test.value) && value > test.value
    case 'gte': return isComparable(value, test.value) && value >= test.value
    case 'lt': return isComparable(value, test.value) && value < test.value
    case 'lte': return isComparable(value, test.value) && value <= test.value
  }
}

/** No coercion: '7' is neither more nor less than 6. Text is compared by code units. */
function isComparable (a: Scalar, b: Scalar): boolean {
  return typeof a === typeof b
}

/** Adds whole thousandths beside whole units: 0.1 and 0.2 make 0.3, and 9 million values of 1,000,000,000 are exact. */
function sumOf (activities: readonly Activity[]): number {
  let units = 0
  let thousandths = 0
  for (const { value = 0 } of activities) {
    const whole = Math.trunc(value)
    units += whole
    thousandths += Math.round((value - whole) * 1000)
  }
  return units + Math.trunc(thousandths / 1000) + (thousandths % 1000) / 1000
}
