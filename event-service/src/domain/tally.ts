import type { Leaf, Scalar } from '@laurel/shared/contracts'
import { localDate, longestRun } from './calendar.ts'

/** What a leaf looks at of something that a user did. */
export interface Activity {
  readonly type: string
  readonly occurredAt: Date
  /** 0 to 1,000,000,000 with at most 3 decimals. */
  readonly value?: number
  readonly data?: Readonly<Record<string, Scalar>>
}

/**
 * What is remembered of the activities that a leaf has counted: enough to go on counting, so it can be kept instead of them.
 * `count` and `sum` need numbers, `unique_count` the values, `active_days` and `streak` the calendar dates.
 */
export interface Tally {
  /** Activities, or whole units of a sum. */
  units: number
  /** Beside whole units: 0.1 and 0.2 make 0.3, and 9 million values of 1,000,000,000 are exact. */
  thousandths: number
  readonly seen: Set<Scalar>
}

export function emptyTally (): Tally {
  return { units: 0, thousandths: 0, seen: new Set() }
}

export function copyOf ({ units, thousandths, seen }: Tally): Tally {
  return { units, thousandths, seen: new Set(seen) }
}

/** Counts one activity of the leaf's type and conditions; each is given once, in any order. */
export function addTo (tally: Tally, { aggregation, property = '' }: Leaf, { occurredAt, value = 0, data }: Activity, timeZone: string): void {
  switch (aggregation) {
    case 'count':
      tally.units += 1
      break
    case 'sum': {
      const whole = Math.trunc(value)
      tally.units += whole
      tally.thousandths += Math.round((value - whole) * 1000)
      break
    }
    case 'unique_count': {
      const found = valueOf(data, property)
      if (found !== undefined) tally.seen.add(found)
      break
    }
    case 'active_days':
    case 'streak':
      tally.seen.add(localDate(occurredAt, timeZone))
  }
}

/** How far a tally comes. */
export function currentOf ({ aggregation }: Leaf, { units, thousandths, seen }: Tally): number {
  switch (aggregation) {
    case 'count': return units
    case 'sum': return units + Math.trunc(thousandths / 1000) + (thousandths % 1000) / 1000
    case 'unique_count':
    case 'active_days': return seen.size
    case 'streak': return longestRun(seen as Set<string>)
  }
}

/** Only what was sent: every object inherits a `toString`. */
export function valueOf (data: Activity['data'], property: string): Scalar | undefined {
  return data !== undefined && Object.hasOwn(data, property) ? data[property] : undefined
}
