import type { LoadContext, Operation } from './load.ts'
import type { Random } from '../kit/run/random.ts'

/** A user claims a reward, once or several times concurrently, through both servers, with one key, several or none. */
export function claimRewards (context: LoadContext): Operation {
  return async random => {
    const eventId = random.pick(context.events).id
    const userId = `user-${random.below(context.users)}`
    const times = random.chance(0.7) ? 1 : random.between(2, 5)
    const shared = random.chance(0.5) ? context.newKey() : undefined
    await atOnce(times, random, async own => {
      const key = shared ?? (own.chance(0.7) ? context.newKey() : undefined)
      await claim(context, { eventId, userId, ...(key === undefined ? {} : { key }) }, own)
    })
  }
}

interface ClaimOptions {
  readonly eventId: string
  readonly userId: string
  readonly key?: string
}

/** Claims a reward and records the acknowledgment. Returns the status, or `undefined` if the client gave up. */
export async function claim (
  { client, acknowledged }: Pick<LoadContext, 'client' | 'acknowledged'>, { eventId, userId, key }: ClaimOptions,
  random: Random
): Promise<number | undefined> {
  const keyed = key === undefined ? {} : { key }
  const response = await client({
    method: 'POST', path: `/v1/events/${eventId}/claims`, role: 'USER', sub: userId, ...keyed, expected: [201, 409]
  }, random)
  if (response?.status === 201) {
    acknowledged.claims.push({ claim: response.body, replayed: response.replayed, ...keyed })
  } else if (response?.body.claim !== undefined) {
    acknowledged.conflicting.push(response.body.claim)
  }
  return response?.status
}

/** Reviews a pending claim, sometimes as several concurrent reviewers who disagree. */
export function reviewClaims ({ client, acknowledged, newKey }: LoadContext): Operation {
  return async random => {
    const pending = acknowledged.claims.filter(({ claim }) => claim.status === 'PENDING')
    if (pending.length === 0) return
    // Usually a new one, because the others have already been reviewed.
    const { claim } = random.pick(random.chance(0.8) ? pending.slice(-20) : pending)
    await atOnce(random.chance(0.7) ? 1 : random.between(2, 3), random, async own => {
      const reviewer = `reviewer-${own.below(4)}`
      const [verdict, body] = own.chance(0.5) ? ['approve', {}] as const : ['reject', { reason: 'A bot' }] as const
      const path = `/v1/claims/${claim.id}/${verdict}`
      const response = await client({
        method: 'POST', path, role: 'OPERATOR', sub: reviewer, body, key: newKey(), expected: [200, 409]
      }, own)
      if (response?.status === 200) {
        acknowledged.reviews.push({ claim: response.body, reviewer, replayed: response.replayed })
      } else if (response?.body.claim !== undefined) {
        acknowledged.conflicting.push(response.body.claim)
      }
    })
  }
}

/** Each run has its own random sequence, so that runs do not depend on the order of the responses. */
async function atOnce (times: number, random: Random, run: (own: Random) => Promise<void>): Promise<void> {
  const name = String(random.below(2 ** 30))
  await Promise.all(Array.from({ length: times }, async (_, index) => { await run(random.fork(`${name} ${index}`)) }))
}
