import { maxLeaves, type Condition, type Leaf, type Progress, type Scalar, type Where } from '@laurel/shared/contracts'
import { invalidField } from '@laurel/shared/errors'
import { addTo, copyOf, currentOf, emptyTally, valueOf, type Activity, type Tally } from './tally.ts'

export type { Activity }

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
 * @param before what each leaf had counted already of other activities; nothing where it is absent.
 */
export function fold (
  condition: Condition, activities: readonly Activity[], timeZone: string, before: (leaf: Leaf) => Tally | undefined = () => undefined
): Progress {
  if ('all' in condition) {
    const all = condition.all.map(child => fold(child, activities, timeZone, before))
    return { all, met: all.every(({ met }) => met) }
  }
  if ('any' in condition) {
    const any = condition.any.map(child => fold(child, activities, timeZone, before))
    return { any, met: any.some(({ met }) => met) }
  }
  const current = currentOf(condition, tallyOf(condition, activities, timeZone, before(condition)))
  return { ...condition, current, met: current >= condition.target }
}

/** What a leaf has counted after these activities; those of other types, or that it does not want, are passed over. */
export function tallyOf (leaf: Leaf, activities: readonly Activity[], timeZone: string, before?: Tally): Tally {
  const { activity: wanted, where = [] } = leaf
  const tally = before === undefined ? emptyTally() : copyOf(before)
  for (const activity of activities) {
    if (activity.type === wanted && where.every(test => matches(test, activity.data))) addTo(tally, leaf, activity, timeZone)
  }
  return tally
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
