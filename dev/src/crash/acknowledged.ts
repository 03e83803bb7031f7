import type { Claim } from '@laurel/shared/contracts'

/** A claim that was answered 201. */
export interface ClaimAnswer {
  readonly claim: Claim
  readonly key?: string
  readonly replayed: boolean
}

/** A review that was answered 200. */
export interface ReviewAnswer {
  readonly claim: Claim
  readonly reviewer: string
  readonly replayed: boolean
}

/** What the servers have promised, and what was asked of them: everything that the checks compare the database with. */
export interface Acknowledged {
  readonly claims: ClaimAnswer[]
  /** Claims that stood in the way of another request, as they were shown in its 409. */
  readonly standing: Claim[]
  readonly reviews: ReviewAnswer[]
  /** Activities by `_id`: all that were sent, and those that were acknowledged. */
  readonly sentActivities: Set<string>
  readonly activities: Set<string>
  /** Sum of `accepted`. */
  accepted: number
  /** Codes by reward. */
  readonly sentCodes: Map<string, Set<string>>
  readonly codes: Map<string, Set<string>>
  /** The highest stock of a reward that was acknowledged. */
  readonly stocks: Map<string, number>
  /** Answers that are never right, and servers that ended by themselves. */
  readonly unexpected: string[]
  /** How often each outcome came. */
  readonly outcomes: Map<string, number>
}

export function createAcknowledged (): Acknowledged {
  return {
    claims: [],
    standing: [],
    reviews: [],
    sentActivities: new Set(),
    activities: new Set(),
    accepted: 0,
    sentCodes: new Map(),
    codes: new Map(),
    stocks: new Map(),
    unexpected: [],
    outcomes: new Map()
  }
}

/** Adds to the set under a name. */
export function addTo<T> (sets: Map<string, Set<T>>, name: string, values: Iterable<T>): void {
  const set = sets.get(name) ?? new Set()
  for (const value of values) set.add(value)
  sets.set(name, set)
}
