import { groupBy, isHolding, type Check, type ClaimRow, type CodeRow } from '../state.ts'

/** Pools are numbered without gaps, told by the stock, and each code is given to one claim: the one that holds its number. */
export const checkCoupons: Check = ({ events, claims, codes, pools }, { codes: acknowledged, sentCodes }) => {
  const byReward = groupBy(codes, ({ rewardId }) => rewardId)
  const byEvent = groupBy(claims, ({ eventId }) => eventId)
  const numbered = new Map(pools.map(pool => [pool.rewardId, pool.numbered]))
  return events.flatMap(({ _id, rewards }) => rewards.filter(({ type }) => type === 'COUPON').flatMap(({ rewardId, stock }) => {
    const own = byReward.get(rewardId) ?? []
    const counts = [own.length, numbered.get(rewardId) ?? 0, stock ?? 0]
    return [
      ...new Set(counts).size === 1 ? [] : [`there are ${counts[0]} codes, ${counts[1]} are numbered, the stock tells ${counts[2]}`],
      ...gapsOf(own),
      ...missing(own, acknowledged.get(rewardId) ?? new Set(), sentCodes.get(rewardId) ?? new Set()),
      ...given(rewardId, own, byEvent.get(_id) ?? [])
    ].map(what => `pool of reward ${rewardId}, event ${_id}: ${what}`)
  }))
}

function gapsOf (codes: readonly CodeRow[]): string[] {
  const numbers = codes.map(({ number = -1 }) => number).sort((a, b) => a - b)
  const index = numbers.findIndex((number, index) => number !== index)
  return index === -1 ? [] : [`the numbers are not 0 to ${numbers.length - 1}: place ${index} has ${numbers[index]}`]
}

function missing (codes: readonly CodeRow[], acknowledged: ReadonlySet<string>, sent: ReadonlySet<string>): string[] {
  const there = new Set(codes.map(({ code }) => code))
  return [
    ...[...acknowledged].filter(code => !there.has(code)).map(code => `${code} was acknowledged and is not there`),
    ...[...there].filter(code => !sent.has(code)).map(code => `${code} was never sent`)
  ]
}

function given (rewardId: string, codes: readonly CodeRow[], claims: readonly ClaimRow[]): string[] {
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
      ...code === expected && code !== undefined ? [] : [`claim ${_id} has ${code}, but unit ${slot} is ${expected}`],
      ...other === undefined ? [] : [`${code} was given to ${_id} and to ${other}`]
    ]
  })
}
