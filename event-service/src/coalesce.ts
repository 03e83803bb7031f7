import { setImmediate as nextTurn } from 'node:timers/promises'

/**
 * Lets callers with the same query share one read. The read starts after the last of these calls, so a result is never
 * older than the call that receives it. Callers that arrive while a read is in flight share the next one, so there is
 * at most one read in flight per query. (In contrast, `counts.ts` caches results for a few seconds.)
 * @param read runs a query. Two queries are the same if their JSON is the same.
 * @returns the coalesced read. It rejects if the shared read fails.
 */
export function coalesce<Q, A> (read: (question: Q) => Promise<A>): (question: Q) => Promise<A> {
  const inFlight = new Map<string, Promise<unknown>>()
  const waiting = new Map<string, Promise<A>>()

  async function readNext (key: string, question: Q): Promise<A> {
    await (inFlight.get(key) ?? nextTurn())
    waiting.delete(key)
    const answer = read(question)
    const ended = answer.catch(() => undefined).then(() => {
      if (inFlight.get(key) === ended) inFlight.delete(key)
    })
    inFlight.set(key, ended)
    return await answer
  }

  return async question => {
    const key = JSON.stringify(question)
    const shared = waiting.get(key) ?? readNext(key, question)
    waiting.set(key, shared)
    return await shared
  }
}
