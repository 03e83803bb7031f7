import type { LoadContext } from './load.ts'
import { claim } from './load-claims.ts'
import type { Random } from '../kit/run/random.ts'

const buyersPerRound = 25
/** More than any event can sell. */
const maxRounds = 200
const sender = 'buying'

/** New users claim until every limited event refuses a whole round of them. Returns the number of those events. */
export async function sellOut (context: LoadContext, random: Random, signal: AbortSignal): Promise<number> {
  const { client, events, acknowledged, newKey } = context
  const limited = events.filter(({ isLimited }) => isLimited)

  async function meetCondition (buyers: readonly string[]): Promise<void> {
    const activities = buyers.flatMap(userId => [1, 2, 3].map(id => ({ id: `b-${id}`, userId, type: 'quest.cleared' })))
    const ids = activities.map(({ userId, id }) => `${userId}:${sender}:${id}`)
    for (const id of ids) acknowledged.sentActivities.add(id)
    const response = await client({
      method: 'POST', path: '/v1/activities', role: 'SERVICE', sub: sender, body: { activities }, expected: [200]
    }, random)
    if (response?.status !== 200) return
    for (const id of ids) acknowledged.activities.add(id)
    acknowledged.accepted += response.body.accepted
  }

  await Promise.all(limited.map(async ({ id, condition }, index) => {
    for (let round = 0; round < maxRounds && !signal.aborted; round++) {
      const buyers = Array.from({ length: buyersPerRound }, (_, buyer) => `buyer-${index}-${round}-${buyer}`)
      if (condition !== null) await meetCondition(buyers)
      const statuses = await Promise.all(buyers.map(async userId =>
        await claim(context, { eventId: id, userId, key: newKey() }, random.fork(userId))))
      if (statuses.every(status => status === 409)) return
    }
    acknowledged.unexpected.push(`event ${id} is not sold out after ${maxRounds * buyersPerRound} new users`)
  }))
  return limited.length
}
