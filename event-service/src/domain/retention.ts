import { day } from './calendar.ts'
import { activityTypesOf } from './condition.ts'
import type { RewardEvent } from './event.ts'

/** A half-open interval of time. */
export interface Interval {
  readonly from: Date
  readonly to: Date
}

/** The activities to keep. All others can be removed. */
export interface Retention {
  /** Activities that occurred or arrived after this instant are kept. */
  readonly before: Date
  /** Activities of these types are kept if they occurred in one of these intervals, which are sorted and disjoint. */
  readonly kept: ReadonlyMap<string, readonly Interval[]>
}

/** Returns the instant this many days ago. */
export function daysBefore (now: Date, days: number): Date {
  return new Date(now.getTime() - days * day)
}

/**
 * Returns which activities these events need. The results of an event depend only on activities of the types in its
 * condition, between `startsAt` and `endsAt`.
 */
export function retentionFor (
  events: ReadonlyArray<Pick<RewardEvent, 'condition' | 'startsAt' | 'endsAt'>>, before: Date
): Retention {
  const intervals = new Map<string, Interval[]>()
  for (const { condition, startsAt: from, endsAt: to } of events) {
    for (const type of condition === null ? [] : activityTypesOf(condition)) {
      intervals.set(type, [...intervals.get(type) ?? [], { from, to }])
    }
  }
  return { before, kept: new Map([...intervals].map(([type, all]) => [type, merge(all)])) }
}

/** Merges intervals. Returns sorted and disjoint intervals that contain the same instants. */
function merge (intervals: readonly Interval[]): Interval[] {
  const merged: Interval[] = []
  for (const interval of intervals.toSorted((a, b) => a.from.getTime() - b.from.getTime())) {
    const last = merged.at(-1)
    if (last === undefined || interval.from > last.to) merged.push(interval)
    else if (interval.to > last.to) merged[merged.length - 1] = { from: last.from, to: interval.to }
  }
  return merged
}
