/** How many claims of an event hold its rewards, and when they were counted. */
export interface Count {
  readonly granted: number
  /** Held for a review. */
  readonly held: number
  readonly asOf: Date
}

export interface Counts<T = Omit<Count, 'asOf'>> {
  /** Returns a count that is at most 5 seconds old. Concurrent callers share one count. */
  of: (eventId: string) => Promise<T & { readonly asOf: Date }>
}

/** In milliseconds. */
const maxAge = 5000
/** A count is kept for ten times as long as it took, so counting takes at most a tenth of the time. */
const costFactor = 10
const maxKept = 10_000

/** @param countNow counts the claims of an event. */
export function createCounts<T extends object> (countNow: (eventId: string) => Promise<T>): Counts<T> {
  type Counted = T & { readonly asOf: Date }
  const kept = new Map<string, { readonly until: number, readonly count: Promise<Counted> }>()

  async function count (eventId: string): Promise<Counted> {
    const asOf = new Date()
    const counted = { ...await countNow(eventId), asOf }
    const cost = Date.now() - asOf.getTime()
    const until = asOf.getTime() + Math.min(maxAge, cost * costFactor)
    kept.set(eventId, { until, count: Promise.resolve(counted) })
    return counted
  }

  return {
    async of (eventId) {
      const known = kept.get(eventId)
      if (known !== undefined && Date.now() < known.until) return await known.count
      if (kept.size >= maxKept) kept.clear()
      const fresh = count(eventId)
      kept.set(eventId, { until: Infinity, count: fresh })
      fresh.catch(() => { kept.delete(eventId) })
      return await fresh
    }
  }
}
