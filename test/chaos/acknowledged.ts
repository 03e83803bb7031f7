import type { Claim } from '@laurel/shared/contracts'

/** A claim that a server acknowledged with 201. */
export interface AcknowledgedClaim {
  readonly claim: Claim
  readonly key?: string
  readonly replayed: boolean
}

/** A review that a server acknowledged with 200. */
export interface AcknowledgedReview {
  readonly claim: Claim
  readonly reviewer: string
  readonly replayed: boolean
}

/** What the clients sent and what the servers acknowledged. The checks compare the database with it. */
export interface Acknowledged {
  readonly claims: AcknowledgedClaim[]
  /** Claims in the 409 response of another request. */
  readonly conflicting: Claim[]
  readonly reviews: AcknowledgedReview[]
  /** Activities by `_id`: all sent activities, and those that a server acknowledged. */
  readonly sentActivities: Set<string>
  readonly activities: Set<string>
  /** The sum of `accepted`. */
  accepted: number
  /** Coupon codes by reward. */
  readonly sentCodes: Map<string, Set<string>>
  readonly codes: Map<string, Set<string>>
  /** The highest stock that a server acknowledged, by reward. */
  readonly stocks: Map<string, number>
  /** Periods of events with stock per period that are sold out, as `EVENT PERIOD`. */
  readonly soldPeriods: Set<string>
  /** Responses that are never correct, and servers that exited unexpectedly. */
  readonly unexpected: string[]
  /** The number of times each outcome occurred. */
  readonly outcomes: Map<string, number>
}

export function createAcknowledged (): Acknowledged {
  return {
    claims: [],
    conflicting: [],
    reviews: [],
    sentActivities: new Set(),
    activities: new Set(),
    accepted: 0,
    sentCodes: new Map(),
    codes: new Map(),
    stocks: new Map(),
    soldPeriods: new Set(),
    unexpected: [],
    outcomes: new Map()
  }
}

/** Adds values to the set of this name. */
export function addTo<T> (sets: Map<string, Set<T>>, name: string, values: Iterable<T>): void {
  const set = sets.get(name) ?? new Set()
  for (const value of values) set.add(value)
  sets.set(name, set)
}
