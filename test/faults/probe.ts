import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '../chaos/client.ts'
import { claim } from '../chaos/load-claims.ts'
import type { LoadContext } from '../chaos/load.ts'
import type { Random } from '../kit/run/random.ts'

const interval = 100

/**
 * Every 100 ms, a new user claims a reward and reads the list of events, once and without waiting for earlier requests.
 * So the probe measures for how long nothing worked. After a grant, the user immediately reads the claim; a 404 is a
 * violation. Resolves after the last response.
 */
export async function runProbe (
  done: AbortSignal, context: LoadContext, random: Random, onGrant: () => void
): Promise<void> {
  const { client, events, acknowledged, newKey } = context
  const once: Client = async (request, own) => await client(request, own, 1)
  const eventId = events.find(({ isLimited, condition }) => !isLimited && condition === null)?.id ?? ''
  const running = new Set<Promise<unknown>>()
  for (let turn = 0; !done.aborted; turn++) {
    const own = random.fork(`probe ${turn}`)
    const userId = `probe-${turn}`
    const read = async (path: string): Promise<unknown> =>
      await once({ method: 'GET', path, role: 'USER', sub: userId, expected: [200] }, own)
    const claimed = claim({ client: once, acknowledged }, { eventId, userId, key: newKey() }, own)
      .then(async status => {
        if (status !== 201) return
        onGrant()
        await read(`/v1/claims/${acknowledged.claims.findLast(({ claim }) => claim.userId === userId)?.claim.id}`)
      })
    for (const promise of [claimed, read('/v1/events')]) {
      running.add(promise)
      void promise.finally(() => { running.delete(promise) })
    }
    await sleep(interval)
  }
  await Promise.all(running)
}
