/** How often an event's rewards were granted or are held for a review, and when that was counted. */
export interface Count {
  readonly granted: number
  readonly held: number
  readonly asOf: Date
}

export interface Counts<T = Omit<Count, 'asOf'>> {
  /** At most 5 s old. All who ask at once share one count. */
  of: (eventId: string) => Promise<T & { readonly asOf: Date }>
}

/** Milliseconds; a count is kept for ten times what it cost, so counting never takes more than a tenth of the time. */
const maxAge = 5000
const costFactor = 10
const maxKept = 10_000

/** @param take counts an event anew. */
export function createCounts<T extends object> (take: (eventId: string) => Promise<T>): Counts<T> {
  const kept = new Map<string, { readonly until: number, readonly count: Promise<T & { readonly asOf: Date }> }>()

  async function count (eventId: string): Promise<T & { readonly asOf: Date }> {
    const asOf = new Date()
    const counted = { ...await take(eventId), asOf }
    const cost = Date.now() - asOf.getTime()
    kept.set(eventId, { until: asOf.getTime() + Math.min(maxAge, cost * costFactor), count: Promise.resolve(counted) })
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
