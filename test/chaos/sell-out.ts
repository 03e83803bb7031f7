import type { ChaosEvent } from './events.ts'
import type { LoadContext } from './load.ts'
import { claim } from './load-claims.ts'
import { grantByHand } from './load-grants.ts'
import type { Random } from '../kit/run/random.ts'

const buyersPerRound = 25
/** More than the stock of any event. */
const maxRounds = 200
const sender = 'buying'

/**
 * New users claim until every limited event refuses a whole round of claims, and operators grant earlier periods until
 * these are sold out, too. Returns the number of limited events.
 */
export async function sellOut (context: LoadContext, random: Random, signal: AbortSignal): Promise<number> {
  const { client, events, acknowledged, newKey, createUsers } = context
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

  /** Calls `buy` with new users until it returns that all of them were refused. */
  async function repeat (what: string, buy: (buyers: readonly string[]) => Promise<boolean>): Promise<void> {
    for (let round = 0; round < maxRounds && !signal.aborted; round++) {
      const buyers = Array.from({ length: buyersPerRound }, (_, buyer) => `buyer-${what}-${round}-${buyer}`)
      if (await buy(buyers)) return
    }
    acknowledged.unexpected.push(`${what} is not sold out after ${maxRounds * buyersPerRound} new users`)
  }

  async function sell ({ id, condition, earlierPeriod }: ChaosEvent): Promise<void> {
    await repeat(id, async buyers => {
      if (condition !== null) await meetCondition(buyers)
      const statuses = await Promise.all(buyers.map(async userId =>
        await claim(context, { eventId: id, userId, key: newKey() }, random.fork(userId))))
      return statuses.every(status => status === 409)
    })
    if (earlierPeriod !== undefined) await notePeriod(id)
  }

  /** Records that the current period is sold out. */
  async function notePeriod (id: string): Promise<void> {
    const response = await client({
      method: 'GET', path: `/v1/events/${id}/progress`, role: 'USER', sub: 'late-user', expected: [200]
    }, random)
    acknowledged.soldPeriods.add(`${id} ${response?.body.period}`)
  }

  async function sellEarlierPeriod (event: ChaosEvent): Promise<void> {
    const { id, earlierPeriod } = event
    await repeat(`${id}-${earlierPeriod}`, async buyers => {
      await createUsers?.(buyers)
      const results = await grantByHand(context, event, buyers, random)
      return results.length > 0 && results.every(result => !result.ok && result.code === 'OUT_OF_STOCK')
    })
    acknowledged.soldPeriods.add(`${id} ${earlierPeriod}`)
  }

  const perPeriod = limited.filter(({ earlierPeriod }) => earlierPeriod !== undefined)
  await Promise.all([...limited.map(sell), ...perPeriod.map(sellEarlierPeriod)])
  return limited.length
}
