import { addTo } from './acknowledged.ts'
import type { LoadContext, Operation } from './load.ts'

/** The maximum number of slots and codes per reward. All of them are claimed at the end. */
const maxSupply = 500
const operator = { role: 'OPERATOR', sub: 'operator' } as const

/** An operator raises the stock of a reward while users claim it. */
export function raiseStock ({ client, events, acknowledged }: LoadContext): Operation {
  const requested = new Map(acknowledged.stocks)
  const rewards = events.flatMap(({ id, stocked }) => stocked.map(rewardId => ({ id, rewardId })))
  return async random => {
    const { id, rewardId } = random.pick(rewards)
    const stock = (requested.get(rewardId) ?? 0) + random.between(1, 30)
    if (stock > maxSupply) return
    requested.set(rewardId, stock)
    // 409 if a request for a higher stock came first, because stock is never lowered.
    const path = `/v1/events/${id}/rewards/${rewardId}`
    const response = await client({ method: 'PATCH', path, ...operator, body: { stock }, expected: [200, 409] }, random)
    if (response?.status !== 200) return
    acknowledged.stocks.set(rewardId, Math.max(stock, acknowledged.stocks.get(rewardId) ?? 0))
  }
}

/** An operator adds codes to a pool, including existing ones, and sometimes many. */
export function addCodes ({ client, events, acknowledged }: LoadContext): Operation {
  let made = 0
  const pools = events.flatMap(({ id, pools }) => pools.map(rewardId => ({ id, rewardId })))
  return async random => {
    const { id, rewardId } = random.pick(pools)
    const known = [...acknowledged.sentCodes.get(rewardId) ?? []]
    const count = random.chance(0.1) ? 120 : random.between(1, 30)
    if (known.length + count > maxSupply) return
    const codes = Array.from({ length: count }, () =>
      known.length > 0 && random.chance(0.1) ? random.pick(known) : `CODE-${made++}`)
    addTo(acknowledged.sentCodes, rewardId, codes)
    const path = `/v1/events/${id}/rewards/${rewardId}/codes`
    const response = await client({ method: 'POST', path, ...operator, body: { codes }, expected: [200] }, random)
    if (response?.status !== 200) return
    addTo(acknowledged.codes, rewardId, codes)
    const { added, duplicates } = response.body
    if (added + duplicates !== count) {
      acknowledged.unexpected.push(`of ${count} codes ${added} were added and ${duplicates} were duplicates`)
    }
  }
}
