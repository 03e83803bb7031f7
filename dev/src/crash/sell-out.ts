import type { Place } from './load.ts'
import { claim } from './load-claims.ts'
import type { Random } from './random.ts'

const atOnce = 25
/** More than any event can sell. */
const rounds = 200

/** New users ask for the rewards of every limited event until a whole round of them hears that nothing is left. @returns events sold out. */
export async function sellOut (place: Place, random: Random, signal: AbortSignal): Promise<number> {
  const limited = place.events.filter(({ isLimited }) => isLimited)
  await Promise.all(limited.map(async ({ id, condition }, index) => {
    for (let round = 0; round < rounds && !signal.aborted; round++) {
      const buyers = Array.from({ length: atOnce }, (_, buyer) => `buyer-${index}-${round}-${buyer}`)
      if (condition !== null) await prepare(buyers)
      const statuses = await Promise.all(buyers.map(async userId => await claim(place, { eventId: id, userId, key: place.newKey() }, random.fork(userId))))
      if (statuses.every(status => status === 409)) return
    }
    place.acknowledged.unexpected.push(`event ${id} is not sold out after ${rounds * atOnce} new users`)
  }))
  return limited.length

  async function prepare (buyers: readonly string[]): Promise<void> {
    const activities = buyers.flatMap(userId => [1, 2, 3].map(id => ({ id: `b-${id}`, userId, type: 'quest.cleared' })))
    for (const { userId, id } of activities) place.acknowledged.sentActivities.add(`${userId}:buying:${id}`)
    const answer = await place.client({ method: 'POST', path: '/v1/activities', role: 'SERVICE', sub: 'buying', body: { activities }, expected: [200] }, random)
    if (answer?.status !== 200) return
    for (const { userId, id } of activities) place.acknowledged.activities.add(`${userId}:buying:${id}`)
    place.acknowledged.accepted += answer.body.accepted
  }
}
