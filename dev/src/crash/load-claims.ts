import type { Operation, Place } from './load.ts'
import type { Random } from './random.ts'

/** One user asks for one reward, often several times at once and through both servers, with one key, several or none. */
export function claiming (place: Place): Operation {
  return async random => {
    const eventId = random.pick(place.events).id
    const userId = `user-${random.below(place.users)}`
    const times = random.chance(0.7) ? 1 : random.between(2, 5)
    const shared = random.chance(0.5) ? place.newKey() : undefined
    await atOnce(times, random, async own => {
      const key = shared ?? (own.chance(0.7) ? place.newKey() : undefined)
      await claim(place, { eventId, userId, ...(key === undefined ? {} : { key }) }, own)
    })
  }
}

/** Asks for a reward and notes what was promised. @returns the status, undefined where it was given up. */
export async function claim (
  { client, acknowledged }: Pick<Place, 'client' | 'acknowledged'>, { eventId, userId, key }: { eventId: string, userId: string, key?: string }, random: Random
): Promise<number | undefined> {
  const named = key === undefined ? {} : { key }
  const answer = await client({ method: 'POST', path: `/v1/events/${eventId}/claims`, role: 'USER', sub: userId, ...named, expected: [201, 409] }, random)
  if (answer?.status === 201) acknowledged.claims.push({ claim: answer.body, replayed: answer.replayed, ...named })
  else if (answer?.body.claim !== undefined) acknowledged.standing.push(answer.body.claim)
  return answer?.status
}

/** Decides a claim that waits, now and then by several reviewers at once who do not agree. */
export function reviewing ({ client, acknowledged, newKey }: Place): Operation {
  return async random => {
    const waiting = acknowledged.claims.filter(({ claim }) => claim.status === 'PENDING')
    if (waiting.length === 0) return
    // The newest most often: the others are decided by now.
    const { claim } = random.pick(random.chance(0.8) ? waiting.slice(-20) : waiting)
    await atOnce(random.chance(0.7) ? 1 : random.between(2, 3), random, async own => {
      const reviewer = `reviewer-${own.below(4)}`
      const [verdict, body] = own.chance(0.5) ? ['approve', {}] as const : ['reject', { reason: 'A bot' }] as const
      const answer = await client({ method: 'POST', path: `/v1/claims/${claim.id}/${verdict}`, role: 'OPERATOR', sub: reviewer, body, key: newKey(), expected: [200, 409] }, own)
      if (answer?.status === 200) acknowledged.reviews.push({ claim: answer.body, reviewer, replayed: answer.replayed })
      else if (answer?.body.claim !== undefined) acknowledged.standing.push(answer.body.claim)
    })
  }
}

/** Each with a sequence of its own, so that none depends on which of them is answered first. */
async function atOnce (times: number, random: Random, run: (own: Random) => Promise<void>): Promise<void> {
  const name = String(random.below(2 ** 30))
  await Promise.all(Array.from({ length: times }, async (_, index) => { await run(random.fork(`${name} ${index}`)) }))
}
