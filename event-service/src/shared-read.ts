import { setImmediate as turnOfTheLoop } from 'node:timers/promises'

/**
 * One read for all who ask the same while another is on its way. It begins after the last of them has asked, so nobody is
 * told what was true before the question: in a rush to one page the database answers it once at a time. (What may be some
 * seconds old is counted by `counts.ts`.)
 * @param read of a question that JSON can tell from others.
 */
export function createSharedRead<Q, A> (read: (question: Q) => Promise<A>): (question: Q) => Promise<A> {
  const underWay = new Map<string, Promise<unknown>>()
  const waiting = new Map<string, Promise<A>>()

  async function readAfter (key: string, question: Q): Promise<A> {
    await (underWay.get(key) ?? turnOfTheLoop())
    waiting.delete(key)
    const answer = read(question)
    const ended = answer.catch(() => undefined).then(() => { if (underWay.get(key) === ended) underWay.delete(key) })
    underWay.set(key, ended)
    return await answer
  }

  return async question => {
    const key = JSON.stringify(question)
    const joined = waiting.get(key) ?? readAfter(key, question)
    waiting.set(key, joined)
    return await joined
  }
}
