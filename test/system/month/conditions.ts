import type { Condition, Leaf, Progress } from '@laurel/shared/contracts'
import { dateOf, type CalendarRules } from './calendar.ts'

/** The properties of an activity that are needed here. */
export interface Counted {
  readonly type: string
  readonly at: Date
  readonly value?: number | undefined
  readonly data?: Readonly<Record<string, unknown>> | undefined
}

/** Returns whether a condition is met, and the counts of its leaves in their order. */
export function evaluate (
  condition: Condition, activities: readonly Counted[], rules: CalendarRules
): { readonly met: boolean, readonly counts: readonly number[] } {
  if ('aggregation' in condition) {
    const count = countOf(condition, activities, rules)
    return { met: count >= condition.target, counts: [count] }
  }
  const isAll = 'all' in condition
  const children = (isAll ? condition.all : condition.any).map(child => evaluate(child, activities, rules))
  return {
    met: isAll ? children.every(({ met }) => met) : children.some(({ met }) => met),
    counts: children.flatMap(({ counts }) => counts)
  }
}

/** Returns the counts of the leaves of a `progress`, in their order. */
export function countsOf (progress: Progress | null | undefined): number[] {
  if (progress === null || progress === undefined) return []
  if ('current' in progress) return [progress.current]
  return ('all' in progress ? progress.all : progress.any).flatMap(countsOf)
}

function countOf (leaf: Leaf, activities: readonly Counted[], rules: CalendarRules): number {
  const matching = activities.filter(activity => activity.type === leaf.activity && matches(leaf, activity))
  const dates = [...new Set(matching.map(({ at }) => dateOf(at, rules)))].sort()
  const counts: Readonly<Record<Leaf['aggregation'], () => number>> = {
    count: () => matching.length,
    sum: () => matching.reduce((sum, { value = 0 }) => sum + Math.round(value * 1000), 0) / 1000,
    unique_count: () => new Set(matching.map(({ data }) => data?.[leaf.property ?? ''])).size,
    active_days: () => dates.length,
    streak: () => longestStreak(dates, leaf.grace ?? 0)
  }
  return counts[leaf.aggregation]()
}

/** The month uses only `eq` and `in`. */
function matches ({ where = [] }: Leaf, { data }: Counted): boolean {
  return where.every(({ property, op, value }) => {
    const found = data?.[property]
    if (op === 'eq') return found === value
    if (op === 'in') return Array.isArray(value) && value.some(one => one === found)
    throw new Error(`The month has no '${op}'.`)
  })
}

/** Tries every combination of first and last date. */
function longestStreak (dates: readonly string[], grace: number): number {
  let longest = 0
  dates.forEach((first, from) => {
    dates.slice(from).forEach((last, index) => {
      const visited = index + 1
      const span = Math.round((Date.parse(last) - Date.parse(first)) / 86_400_000) + 1
      if (span - visited <= grace) longest = Math.max(longest, visited)
    })
  })
  return longest
}
