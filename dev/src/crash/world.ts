import type { Condition } from '@laurel/shared/contracts'
import type { Acknowledged } from './acknowledged.ts'
import type { Client } from './client.ts'
import type { Random } from './random.ts'

/** An event as the load knows it. */
export interface CrashEvent {
  readonly id: string
  readonly name: string
  readonly isLimited: boolean
  readonly isReviewed: boolean
  /** Rewards whose stock a PATCH can raise. */
  readonly stocked: readonly string[]
  /** Rewards with a pool of codes. */
  readonly pools: readonly string[]
  readonly condition: Condition | null
}

interface Plan {
  readonly name: string
  readonly rewards: readonly object[]
  readonly condition?: Condition
  readonly more?: object
}

const day = 86_400_000
const points = (stock?: number): object => ({ type: 'POINT', name: 'Points', amount: 5, ...(stock === undefined ? {} : { stock }) })
const item = (stock?: number): object => ({ type: 'ITEM', name: 'A sword', itemId: 'sword', amount: 2, ...(stock === undefined ? {} : { stock }) })
const gold = { type: 'CURRENCY', name: 'Gold', currency: 'GOLD', amount: 7 }
const coupon = { type: 'COUPON', name: 'A coupon' }
const review = { grantMode: 'REVIEW' }
const daily = { claimPeriod: 'DAY' }

/** Every way of limiting, paying and deciding that the engine knows. */
const plans: readonly Plan[] = [
  { name: 'limited points', rewards: [points(100)] },
  { name: 'hot points', rewards: [points(150)] },
  { name: 'limited points and items', rewards: [points(90), item(60), gold] },
  { name: 'limited points, reviewed', rewards: [points(60)], more: review },
  { name: 'limited items a day', rewards: [item(80)], more: { ...daily, timeZone: 'Asia/Seoul' } },
  { name: 'coupons', rewards: [coupon] },
  { name: 'two coupons and points', rewards: [coupon, points(), coupon] },
  { name: 'coupons and items, reviewed', rewards: [coupon, item(200)], more: review },
  { name: 'points for quests', rewards: [points()], condition: { aggregation: 'count', activity: 'quest.cleared', target: 3 } },
  { name: 'gold for scores a day', rewards: [gold], condition: { aggregation: 'sum', activity: 'game.scored', target: 40 }, more: daily },
  { name: 'limited points for quests', rewards: [points(70)], condition: { aggregation: 'count', activity: 'quest.cleared', target: 2 } },
  { name: 'gold, reviewed', rewards: [gold], more: review }
]

/** Makes the events and switches them on. */
export async function createWorld (client: Client, random: Random, acknowledged: Acknowledged): Promise<readonly CrashEvent[]> {
  const ask = async (method: 'POST' | 'PATCH', path: string, body: unknown, expected: number): Promise<any> => {
    const answer = await client({ method, path, role: 'ADMIN', sub: 'admin', body, expected: [expected] }, random)
    if (answer?.status !== expected) throw new Error(`${method} ${path} was answered ${answer?.status} ${JSON.stringify(answer?.body)}`)
    return answer.body
  }
  const startsAt = new Date(Date.now() - day).toISOString()
  const endsAt = new Date(Date.now() + day).toISOString()
  const events: CrashEvent[] = []
  for (const { name, rewards, condition = null, more = {} } of plans) {
    const { id, grantMode } = await ask('POST', '/v1/events', { name, startsAt, endsAt, condition, ...more }, 201)
    for (const reward of rewards) await ask('POST', `/v1/events/${id}/rewards`, reward, 201)
    const { rewards: made } = await ask('PATCH', `/v1/events/${id}`, { status: 'ACTIVE' }, 200)
    const stocked = made.filter((reward: any) => reward.type !== 'COUPON' && reward.stock !== null)
    const pools = made.filter((reward: any) => reward.type === 'COUPON')
    for (const reward of stocked) acknowledged.stocks.set(reward.id, reward.stock)
    events.push({
      id, name, condition, isLimited: stocked.length + pools.length > 0, isReviewed: grantMode === 'REVIEW', stocked: stocked.map((reward: any) => reward.id), pools: pools.map((reward: any) => reward.id)
    })
  }
  return events
}
