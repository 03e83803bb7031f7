import { activityTypesOf } from './condition.ts'
import type { RewardEvent } from './event.ts'

/** A half-open interval of time. */
export interface Interval {
  readonly from: Date
  readonly to: Date
}

/** Which activities stay. All others may be removed. */
export interface Retention {
  /** Activities that occurred or arrived later than this stay. */
  readonly before: Date
  /** Activities of these types stay if they occurred in one of these intervals, which are apart and in order. */
  readonly kept: ReadonlyMap<string, readonly Interval[]>
}

const day = 86_400_000

/** Returns the instant that was this many days ago. */
export function daysBefore (now: Date, days: number): Date {
  return new Date(now.getTime() - days * day)
}

/**
 * Returns which activities stay for these events. What an event answers depends on the activities of its condition's
 * types between `startsAt` and `endsAt`, and on no others.
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

/** Returns the same instants as intervals that are apart, in order. */
function merge (intervals: readonly Interval[]): Interval[] {
  const merged: Interval[] = []
  for (const interval of intervals.toSorted((a, b) => a.from.getTime() - b.from.getTime())) {
    const last = merged.at(-1)
    if (last === undefined || interval.from > last.to) merged.push(interval)
    else if (interval.to > last.to) merged[merged.length - 1] = { from: last.from, to: interval.to }
  }
  return merged
}
