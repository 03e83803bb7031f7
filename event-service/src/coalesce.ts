import { setImmediate as nextTurn } from 'node:timers/promises'

/**
 * Lets callers with the same query share one read. The read starts after the last of these calls, so a result is never
 * older than the call that receives it. Callers that arrive while a read is in flight share the next one, so there is
 * at most one read in flight per query. (In contrast, `cached-counts.ts` caches results for a few seconds.)
 * @param read runs a query. Two queries are the same if their JSON is the same.
 * @returns the coalesced read. It rejects if the shared read fails.
 */
export function coalesce<Q, R> (read: (query: Q) => Promise<R>): (query: Q) => Promise<R> {
  const inFlight = new Map<string, Promise<unknown>>()
  const waiting = new Map<string, Promise<R>>()

  async function readNext (key: string, query: Q): Promise<R> {
    await (inFlight.get(key) ?? nextTurn())
    waiting.delete(key)
    const result = read(query)
    const ended = result.catch(() => undefined).then(() => {
      if (inFlight.get(key) === ended) inFlight.delete(key)
    })
    inFlight.set(key, ended)
    return await result
  }

  return async query => {
    const key = JSON.stringify(query)
    const shared = waiting.get(key) ?? readNext(key, query)
    waiting.set(key, shared)
    return await shared
  }
}
