import { setImmediate as nextTurn } from 'node:timers/promises'

/**
 * Lets callers with the same question share one read. The read starts after the last of these callers has called, so an
 * answer is never older than its question. Callers that arrive while a read is in flight share the next one, so at most
 * one read per question is in flight. (`counts.ts`, on the other hand, caches answers for a few seconds.)
 * @param read answers a question. Two questions are the same if their JSON is the same.
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
