import { groupBy, isHolding, type Check, type ClaimRow, type CodeRow } from '../state.ts'

/** Pools are numbered without gaps, the stock equals their size, and each code belongs to the claim with its number. */
export const checkCoupons: Check = ({ events, claims, codes, pools }, { codes: acknowledged, sentCodes }) => {
  const byReward = groupBy(codes, ({ rewardId }) => rewardId)
  const byEvent = groupBy(claims, ({ eventId }) => eventId)
  const numbered = new Map(pools.map(pool => [pool.rewardId, pool.numbered]))
  const none: ReadonlySet<string> = new Set()
  const rewards = events.flatMap(({ _id, rewards }) => rewards.map(reward => ({ ...reward, eventId: _id })))
  return rewards.filter(({ type }) => type === 'COUPON').flatMap(({ eventId, rewardId, stock }) => {
    const own = byReward.get(rewardId) ?? []
    const counts = [own.length, numbered.get(rewardId) ?? 0, stock ?? 0]
    const [stored, inPool, inStock] = counts
    return [
      ...new Set(counts).size === 1 ? [] : [`${stored} codes, but ${inPool} are numbered and the stock is ${inStock}`],
      ...gapsOf(own),
      ...missing(own, acknowledged.get(rewardId) ?? none, sentCodes.get(rewardId) ?? none),
      ...wrongHolders(rewardId, own, byEvent.get(eventId) ?? [])
    ].map(what => `pool of reward ${rewardId}, event ${eventId}: ${what}`)
  })
}

function gapsOf (codes: readonly CodeRow[]): string[] {
  const numbers = codes.map(({ number = -1 }) => number).sort((a, b) => a - b)
  const index = numbers.findIndex((number, index) => number !== index)
  if (index === -1) return []
  return [`the numbers are not 0 to ${numbers.length - 1}: place ${index} has ${numbers[index]}`]
}

function missing (
  codes: readonly CodeRow[], acknowledged: ReadonlySet<string>, sent: ReadonlySet<string>
): string[] {
  const stored = new Set(codes.map(({ code }) => code))
  return [
    ...[...acknowledged].filter(code => !stored.has(code)).map(code => `${code} was acknowledged and is missing`),
    ...[...stored].filter(code => !sent.has(code)).map(code => `${code} is stored but was never sent`)
  ]
}

function wrongHolders (rewardId: string, codes: readonly CodeRow[], claims: readonly ClaimRow[]): string[] {
  const byNumber = new Map(codes.map(({ number, code }) => [number, code]))
  const holders = new Map<string, string>()
  return claims.flatMap(claim => {
    const { _id, status, slot, rewards } = claim
    const code = rewards.find(reward => reward.rewardId === rewardId)?.couponCode
    if (!isHolding(claim)) return code === undefined ? [] : [`claim ${_id} is ${status} and has ${code}`]
    const expected = byNumber.get(slot)
    const other = code === undefined ? undefined : holders.get(code)
    if (code !== undefined) holders.set(code, _id)
    return [
      ...code === expected && code !== undefined ? [] : [`claim ${_id} has ${code}, but slot ${slot} is ${expected}`],
      ...other === undefined ? [] : [`claims ${_id} and ${other} both have ${code}`]
    ]
  })
}
