import type { GrantedReward } from '@laurel/shared/contracts'
import { DomainError } from '@laurel/shared/errors'
import { refuseOutOfStock } from '../domain/claim.ts'
import type { RewardEvent } from '../domain/event.ts'
import type { CouponStore } from '../stores/coupons.ts'
import type { StockStore } from '../stores/stock.ts'
import { capacityFor, givesUpAt, type Group } from './groups.ts'

/** Milliseconds: how long the last units are waited for while somebody else may give them back. */
const patience = 1000

export interface UnitsOptions {
  readonly stock: StockStore
  readonly coupons: CouponStore
  /** Lets a group wait for a later batch, until then (milliseconds since 1970). */
  readonly comeAgain: (group: Group, until: number) => void
}

/**
 * Takes units of limited rewards, with the coupon codes that belong to them, for all groups that are to be granted some.
 * @returns what ends the leases, given the groups and the leases of their batch.
 */
export function createUnits ({ stock, coupons, comeAgain }: UnitsOptions): (groups: readonly Group[], own: Set<string>) => Promise<Array<() => Promise<void>>> {
  /**
   * Gives each group a unit of its event, with the coupon codes that belong to it. Who gets none is refused, or comes again
   * with a later batch where units may come back: the claims of other events do not wait for it.
   */
  async function takeSlots (event: RewardEvent, capacity: number, groups: readonly Group[], own: Set<string>): Promise<() => Promise<void>> {
    if (stock.isSoldOut(event.id, capacity)) {
      for (const group of groups) group.decision = refuseOutOfStock(group.decision)
      return async () => undefined
    }
    const { id, numbers, others } = await stock.take(event.id, groups.length, capacity)
    own.add(id)
    numbers.forEach((number, index) => { (groups[index] as Group).slot = number })
    const empty = groups.slice(numbers.length)
    const now = Date.now()
    const mayComeBack = others.some(id => !own.has(id))
    for (const group of empty) {
      const until = givesUpAt(group, patience)
      if (mayComeBack && now < until) comeAgain(group, until)
      else {
        stock.noteSoldOut(event.id, capacity)
        group.decision = refuseOutOfStock(group.decision)
      }
    }
    await addCodes(event, groups)
    return async () => {
      const used = new Set(groups.flatMap(({ slot, taken }) => [slot, ...taken]))
      await stock.settle(event.id, id, numbers.filter(number => !used.has(number)))
    }
  }

  async function addCodes (event: RewardEvent, groups: readonly Group[]): Promise<void> {
    const numbers = groups.flatMap(({ slot }) => slot ?? [])
    const pools = event.rewards.filter(({ type }) => type === 'COUPON')
    if (numbers.length === 0 || pools.length === 0) return
    const codes = new Map(await Promise.all(pools.map(async ({ rewardId }) => [rewardId, await coupons.codesOf({ eventId: event.id, rewardId }, numbers)] as const)))
    for (const group of groups.filter(({ slot }) => slot !== undefined)) {
      const rewards = group.decision.rewards.map((reward): GrantedReward => {
        const couponCode = codes.get(reward.rewardId)?.get(Number(group.slot))
        return couponCode === undefined ? reward : { ...reward, couponCode }
      })
      group.decision = { ...group.decision, rewards }
      // Codes are there before their numbers are for sale; without one nothing is granted.
      if (rewards.some(({ type, couponCode }) => type === 'COUPON' && couponCode === undefined)) {
        delete group.slot
        for (const { reject } of group.requests.splice(0)) reject(new DomainError('unavailable', 'SERVICE_UNAVAILABLE', 'A coupon code is missing', { retryAfter: 10 }))
      }
    }
  }

  return async (groups, own) => {
    const limited = new Map<string, { event: RewardEvent, capacity: number, groups: Group[] }>()
    for (const group of groups) {
      const capacity = capacityFor(group)
      if (capacity === undefined) continue
      const ofEvent = limited.get(group.event.id) ?? { event: group.event, capacity, groups: [] }
      limited.set(group.event.id, ofEvent)
      ofEvent.groups.push(group)
    }
    return await Promise.all([...limited.values()].map(async ({ event, capacity, groups }) => await takeSlots(event, capacity, groups, own)))
  }
}
