import type { Condition } from '@laurel/shared/contracts'
import type { Acknowledged } from './acknowledged.ts'
import type { Client } from './client.ts'
import type { Random } from '../kit/run/random.ts'

/** The properties of an event that the load needs. */
export interface ChaosEvent {
  readonly id: string
  readonly name: string
  readonly isLimited: boolean
  /** Rewards whose stock a PATCH can raise. */
  readonly stocked: readonly string[]
  /** Rewards with a pool of codes. */
  readonly pools: readonly string[]
  readonly condition: Condition | null
  /** If its stock is per period: an earlier period, which operators grant manually. */
  readonly earlierPeriod?: string
}

interface PlannedReward {
  readonly stock?: number
  readonly [field: string]: unknown
}

interface Plan {
  readonly name: string
  readonly rewards: readonly PlannedReward[]
  readonly condition?: Condition
  readonly settings?: object
}

const day = 86_400_000
const stockOf = (stock: number | undefined): { readonly stock?: number } => stock === undefined ? {} : { stock }
const points = (stock?: number): PlannedReward => ({ type: 'POINT', name: 'Points', amount: 5, ...stockOf(stock) })
const item = (stock?: number): PlannedReward =>
  ({ type: 'ITEM', name: 'A sword', itemId: 'sword', amount: 2, ...stockOf(stock) })
const gold = { type: 'CURRENCY', name: 'Gold', currency: 'GOLD', amount: 7 }
const coupon = { type: 'COUPON', name: 'A coupon' }
const review = { grantMode: 'REVIEW' }
const daily = { claimPeriod: 'DAY' }
const stockOfEachDay = { ...daily, stockPer: 'PERIOD', timeZone: 'UTC' }
const quests = (target: number): Condition => ({ aggregation: 'count', activity: 'quest.cleared', target })
const scores: Condition = { aggregation: 'sum', activity: 'game.scored', target: 40 }

/** All kinds of stock, rewards and decisions that the engine supports. */
const plans: readonly Plan[] = [
  { name: 'limited points', rewards: [points(100)] },
  { name: 'hot points', rewards: [points(150)] },
  { name: 'limited points and items', rewards: [points(90), item(60), gold] },
  { name: 'limited points, reviewed', rewards: [points(60)], settings: review },
  { name: 'limited items a day', rewards: [item(80)], settings: { ...daily, timeZone: 'Asia/Seoul' } },
  { name: 'points of each day', rewards: [points(70)], settings: stockOfEachDay },
  { name: 'items of each day, reviewed', rewards: [item(50)], settings: { ...stockOfEachDay, ...review } },
  { name: 'coupons', rewards: [coupon] },
  { name: 'two coupons and points', rewards: [coupon, points(), coupon] },
  { name: 'coupons and items, reviewed', rewards: [coupon, item(200)], settings: review },
  { name: 'points for quests', rewards: [points()], condition: quests(3) },
  { name: 'gold for scores a day', rewards: [gold], condition: scores, settings: daily },
  { name: 'limited points for quests', rewards: [points(70)], condition: quests(2) },
  { name: 'gold, reviewed', rewards: [gold], settings: review }
]

/** Creates the events and activates them. `supply` is the fraction of the planned stocks. */
export async function createEvents (
  client: Client, random: Random, acknowledged: Acknowledged, supply = 1
): Promise<readonly ChaosEvent[]> {
  const send = async (method: 'POST' | 'PATCH', path: string, body: unknown, expected: number): Promise<any> => {
    const response = await client({ method, path, role: 'ADMIN', sub: 'admin', body, expected: [expected] }, random)
    if (response?.status === expected) return response.body
    throw new Error(`${method} ${path} returned ${response?.status} ${JSON.stringify(response?.body)}`)
  }
  const startsAt = new Date(Date.now() - day).toISOString()
  const endsAt = new Date(Date.now() + day).toISOString()
  const events: ChaosEvent[] = []
  for (const { name, rewards, condition = null, settings = {} } of plans) {
    const { id } = await send('POST', '/v1/events', { name, startsAt, endsAt, condition, ...settings }, 201)
    for (const reward of rewards) {
      const { stock } = reward
      const given = stock === undefined ? reward : { ...reward, stock: Math.ceil(stock * supply) }
      await send('POST', `/v1/events/${id}/rewards`, given, 201)
    }
    const { rewards: made } = await send('PATCH', `/v1/events/${id}`, { status: 'ACTIVE' }, 200)
    const stocked = made.filter((reward: any) => reward.type !== 'COUPON' && reward.stock !== null)
    const pools = made.filter((reward: any) => reward.type === 'COUPON')
    for (const reward of stocked) acknowledged.stocks.set(reward.id, reward.stock)
    events.push({
      id,
      name,
      condition,
      isLimited: stocked.length + pools.length > 0,
      ...('stockPer' in settings && { earlierPeriod: startsAt.slice(0, 10) }),
      stocked: stocked.map((reward: any) => reward.id),
      pools: pools.map((reward: any) => reward.id)
    })
  }
  return events
}
