import { maxLeaves, type Condition, type Leaf, type Progress, type Where } from '@laurel/shared/contracts'
import { invalidField } from '@laurel/shared/errors'
import { aggregations } from './aggregations.ts'
import type { DayRules } from './calendar.ts'
import { operators } from './operators.ts'
import { comparable, copyTally, dataValue, emptyTally, type CountableActivity, type Tally } from './tally.ts'

export type { CountableActivity }

export function leavesOf (condition: Condition): Leaf[] {
  if ('all' in condition) return condition.all.flatMap(leavesOf)
  if ('any' in condition) return condition.any.flatMap(leavesOf)
  return [condition]
}

/** The only activity type that is not stored. It represents the user's grants that are not revoked. */
export const grantedActivity = 'event.granted'

/** Returns the types of stored activities that a condition counts. */
export function activityTypesOf (condition: Condition): string[] {
  const types = new Set(leavesOf(condition).map(({ activity }) => activity))
  types.delete(grantedActivity)
  return [...types]
}

/** Whether a condition counts the user's grants. */
export function countsGrants (condition: Condition): boolean {
  return leavesOf(condition).some(({ activity }) => activity === grantedActivity)
}

/** Whether a condition reads the `value` or the `data` of activities, and not only their types and dates. */
export function needsData (condition: Condition): boolean {
  return leavesOf(condition)
    .some(({ aggregation, where = [] }) => aggregations[aggregation].needsData || where.length > 0)
}

/** Checks the one limit that a schema cannot express. Throws a 400. */
export function checkCondition (condition: Condition | null): void {
  if (condition !== null && leavesOf(condition).length > maxLeaves) {
    throw invalidField('/condition', `must have at most ${maxLeaves} leaves in total`)
  }
}

/** Whether a condition counts days, so that the time at which a day begins is relevant. */
export function countsDays (condition: Condition): boolean {
  return leavesOf(condition).some(({ aggregation }) => aggregations[aggregation].countsDays)
}

/**
 * Returns the progress of one user's activities toward a condition.
 * More activities never reduce the progress: there is no `not`.
 * @param activities the activities in the claim's period, each once, in any order.
 * @param rules the settings that define the days of the event.
 * @param before returns the tally of a leaf for other activities that have already been counted.
 */
export function fold (
  condition: Condition,
  activities: readonly CountableActivity[],
  rules: DayRules,
  before: (leaf: Leaf) => Tally | undefined = () => undefined
): Progress {
  if ('all' in condition) {
    const all = condition.all.map(child => fold(child, activities, rules, before))
    return { all, met: all.every(({ met }) => met) }
  }
  if ('any' in condition) {
    const any = condition.any.map(child => fold(child, activities, rules, before))
    return { any, met: any.some(({ met }) => met) }
  }
  const tally = tallyOf(condition, activities, rules, before(condition))
  const current = aggregations[condition.aggregation].current(tally, condition)
  return { ...condition, current, met: current >= condition.target }
}

/** Returns the tally of a leaf after these activities. Skips activities of other types and those that do not match. */
export function tallyOf (leaf: Leaf, activities: readonly CountableActivity[], rules: DayRules, before?: Tally): Tally {
  const { aggregation, activity: type, where = [] } = leaf
  const { add } = aggregations[aggregation]
  const tests = where.map(createTest)
  const tally = before === undefined ? emptyTally() : copyTally(before)
  for (const activity of activities) {
    if (activity.type !== type) continue
    if (tests.every(matches => matches(activity.data))) add(tally, activity, leaf, rules)
  }
  return tally
}

/** Returns a function that tests data against a `where`. A missing property does not match. */
function createTest ({ property, op, value }: Where): (data: CountableActivity['data']) => boolean {
  const { matches } = operators[op]
  const operand = typeof value === 'object' ? value.map(comparable) : comparable(value)
  return data => {
    const found = dataValue(data, property)
    return found !== undefined && matches(found, operand)
  }
}
