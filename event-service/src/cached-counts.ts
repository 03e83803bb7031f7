import type { RewardEvent } from './domain/event.ts'
import { stockPeriodAt } from './domain/stock-per.ts'
import type { CountedEvent } from './stores/grant-rollups.ts'

/** How many claims of an event hold its rewards, and when they were counted. */
export interface Count {
  readonly granted: number
  /** Held for a review. */
  readonly held: number
  readonly asOf: Date
}

export interface CountCache<T = Omit<Count, 'asOf'>> {
  /**
   * Returns a count of an event, or of one of its periods: at most `maxAge` old, plus the time that a count takes.
   * Concurrent callers share one count.
   */
  get: (event: CountedEvent, period?: string) => Promise<T & { readonly asOf: Date }>
}

/** A count is cached for ten times as long as it took, so counting takes at most 10% of the time. */
const costFactor = 10
const maxKept = 10_000

/** Returns how many claims hold the rewards of an event: of the current period if its stock is per period. */
export async function countOf (counts: CountCache, event: RewardEvent, now: Date): Promise<Count> {
  return await counts.get(event, stockPeriodAt(event, now))
}

/**
 * Creates a cache of counts.
 * @param countNow counts the claims of an event, or of one of its periods.
 * @param maxAge in milliseconds.
 */
export function createCountCache<T extends object> (
  countNow: (event: CountedEvent, period?: string) => Promise<T>, maxAge = 5000
): CountCache<T> {
  type Counted = T & { readonly asOf: Date }
  const kept = new Map<string, { readonly until: number, readonly count: Promise<Counted> }>()

  async function count (key: string, event: CountedEvent, period?: string): Promise<Counted> {
    const asOf = new Date()
    const counted = { ...await countNow(event, period), asOf }
    const cost = Date.now() - asOf.getTime()
    const until = asOf.getTime() + Math.min(maxAge, cost * costFactor)
    kept.set(key, { until, count: Promise.resolve(counted) })
    return counted
  }

  return {
    async get (event, period) {
      const key = period === undefined ? event.id : `${event.id} ${period}`
      const known = kept.get(key)
      if (known !== undefined && Date.now() < known.until) return await known.count
      if (kept.size >= maxKept) kept.clear()
      const fresh = count(key, event, period)
      kept.set(key, { until: Infinity, count: fresh })
      fresh.catch(() => { kept.delete(key) })
      return await fresh
    }
  }
}
