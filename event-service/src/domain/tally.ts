import type { Scalar } from '@laurel/shared/contracts'

/** The part of an activity that a condition can count. */
export interface CountableActivity {
  readonly type: string
  readonly occurredAt: Date
  /** 0 to 1,000,000,000 with at most 3 decimal places. */
  readonly value?: number
  readonly data?: Readonly<Record<string, Scalar>>
}

/**
 * The intermediate result of a leaf. Counting can continue from it, so a snapshot can store it instead of the
 * activities.
 */
export interface Tally {
  /** The number of activities, or the whole part of a sum. */
  units: number
  /** The fractional part of a sum: 0.1 and 0.2 add up to 0.3, and 9 million values of 1,000,000,000 are exact. */
  thousandths: number
  /** The distinct values, or the calendar dates, that were counted. */
  readonly seen: Set<Scalar>
}

export function emptyTally (): Tally {
  return { units: 0, thousandths: 0, seen: new Set() }
}

export function copyTally ({ units, thousandths, seen }: Tally): Tally {
  return { units, thousandths, seen: new Set(seen) }
}

/** Returns the form in which a value is compared: text in Unicode NFC. */
export function comparable (value: Scalar): Scalar {
  return typeof value === 'string' ? value.normalize('NFC') : value
}

/** Returns a property of the data in the form in which it is compared. Inherited properties do not count. */
export function dataValue (data: CountableActivity['data'], property: string): Scalar | undefined {
  const value = data !== undefined && Object.hasOwn(data, property) ? data[property] : undefined
  return value === undefined ? undefined : comparable(value)
}
