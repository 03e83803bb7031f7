import type { Condition, Progress } from '@laurel/shared/contracts'
import { localDate } from './calendar.ts'

/** What a condition looks at of something that a user did. */
export interface Activity {
  readonly occurredAt: Date
  /** 0 to 1,000,000,000 with at most 3 decimals. */
  readonly value?: number
}

/**
 * How far these activities come towards a condition. They are those of one user and of the condition's type, within the
 * event; each is there once, in any order. More activities never take progress away.
 * @param timeZone the event's: days are calendar dates there.
 */
export function fold (condition: Condition, activities: readonly Activity[], timeZone: string): Progress {
  const current = aggregate(condition.aggregation, activities, timeZone)
  return { ...condition, current, met: current >= condition.target }
}

function aggregate (aggregation: Condition['aggregation'], activities: readonly Activity[], timeZone: string): number {
  switch (aggregation) {
    case 'count': return activities.length
    case 'sum': return sumOf(activities)
    case 'active_days': return new Set(activities.map(({ occurredAt }) => localDate(occurredAt, timeZone))).size
  }
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
