import { addTo } from './acknowledged.ts'
import type { Operation, Place } from './load.ts'

/** Units and codes that one reward gets at most: all of them are sold at the end. */
const enough = 500

/** An operator raises the stock of a reward while it is sold. */
export function raisingStock ({ client, events, acknowledged }: Place): Operation {
  const asked = new Map(acknowledged.stocks)
  const rewards = events.flatMap(({ id, stocked }) => stocked.map(rewardId => ({ id, rewardId })))
  return async random => {
    const { id, rewardId } = random.pick(rewards)
    const stock = (asked.get(rewardId) ?? 0) + random.between(1, 30)
    if (stock > enough) return
    asked.set(rewardId, stock)
    // 409 where a higher one was faster: stock is only ever raised.
    const answer = await client({ method: 'PATCH', path: `/v1/events/${id}/rewards/${rewardId}`, role: 'OPERATOR', sub: 'operator', body: { stock }, expected: [200, 409] }, random)
    if (answer?.status === 200) acknowledged.stocks.set(rewardId, Math.max(stock, acknowledged.stocks.get(rewardId) ?? 0))
  }
}

/** An operator fills a pool with new codes, known ones among them; now and then with many. */
export function fillingPools ({ client, events, acknowledged }: Place): Operation {
  let made = 0
  const pools = events.flatMap(({ id, pools }) => pools.map(rewardId => ({ id, rewardId })))
  return async random => {
    const { id, rewardId } = random.pick(pools)
    const known = [...acknowledged.sentCodes.get(rewardId) ?? []]
    const count = random.chance(0.1) ? 120 : random.between(1, 30)
    if (known.length + count > enough) return
    const codes = Array.from({ length: count }, () => known.length > 0 && random.chance(0.1) ? random.pick(known) : `CODE-${made++}`)
    addTo(acknowledged.sentCodes, rewardId, codes)
    const answer = await client({ method: 'POST', path: `/v1/events/${id}/rewards/${rewardId}/codes`, role: 'OPERATOR', sub: 'operator', body: { codes }, expected: [200] }, random)
    if (answer?.status !== 200) return
    addTo(acknowledged.codes, rewardId, codes)
    const { added, duplicates } = answer.body
    if (added + duplicates !== count) acknowledged.unexpected.push(`of ${count} codes ${added} were added and ${duplicates} duplicates`)
  }
}
