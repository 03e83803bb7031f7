import type { GrantedReward } from '@laurel/shared/contracts'
import { DomainError } from '@laurel/shared/errors'
import { Failed, groupBy, isolateAsync, partition, zip } from '../batch.ts'
import { refuseOutOfStock } from '../domain/decision.ts'
import type { RewardEvent } from '../domain/event.ts'
import type { Reward } from '../domain/reward.ts'
import { rewardTypes } from '../domain/reward-types.ts'
import type { CouponStore } from '../stores/coupons.ts'
import { stockId, type StockKey } from '../stores/stock-key.ts'
import type { Lease } from '../stores/stock-leases.ts'
import type { StockStore } from '../stores/stock.ts'
import {
  outcomesForAll, slotLimit, stockKeyOf, type ClaimGroup, type IndexedOutcome, type ReadyClaim
} from './claim-group.ts'
import { deferFor } from './group-commit.ts'

/** How long a request waits for a slot while other leases may release slots, in milliseconds. */
const maxWait = 1000
/** The time between two attempts of a waiting request, in milliseconds. */
const retryInterval = 25

/** The slots that a batch leased from one stock. */
export interface StockLease extends Lease {
  readonly key: StockKey
}

/** The slots that a batch acquired for its claims. */
interface Acquired {
  readonly ready: readonly ReadyClaim[]
  /** Requests that are waiting for a slot, or that failed. */
  readonly outcomes: readonly IndexedOutcome[]
  readonly leases: readonly StockLease[]
}

export interface SlotAllocator {
  /** Acquires slots and their coupon codes for the claims that need them. A failure affects only one event. */
  acquire: (groups: readonly ClaimGroup[]) => Promise<Acquired>
  /** Ends a lease. Unused slots can be acquired again. */
  release: (lease: StockLease, unused: readonly number[]) => Promise<void>
}

/** The claims of a batch that need slots of one stock. */
interface Demand {
  readonly key: StockKey
  readonly event: RewardEvent
  readonly capacity: number
  readonly groups: readonly ClaimGroup[]
}

export function createSlotAllocator (stock: StockStore, coupons: CouponStore): SlotAllocator {
  async function acquireFor (demand: Demand): Promise<Acquired> {
    const { key, capacity, groups } = demand
    if (stock.isSoldOut(key, capacity)) return { ready: groups.map(refuse), outcomes: [], leases: [] }

    const { id, slots, others } = await stock.acquireLease(key, groups.length, capacity)
    const served = zip(groups.slice(0, slots.length), slots)
    const unserved = groups.slice(slots.length)
    const withSlots = await addCodes(demand, served)
    const withoutSlots = waitOrRefuse(demand, unserved, others.length > 0)
    return {
      ready: [...withSlots.ready, ...withoutSlots.ready],
      outcomes: [...withSlots.outcomes, ...withoutSlots.outcomes],
      leases: [{ key, id, slots }]
    }
  }

  /** Lets claims wait while other leases may release slots. Otherwise, refuses them. */
  function waitOrRefuse (
    demand: Demand, groups: readonly ClaimGroup[], mayReturn: boolean
  ): Omit<Acquired, 'leases'> {
    const now = Date.now()
    const [waiting, refused] = partition(groups, group => mayReturn && now < waitDeadlineOf(group))
    if (refused.length > 0) stock.markSoldOut(demand.key, demand.capacity)
    return { ready: refused.map(refuse), outcomes: waiting.flatMap(wait) }
  }

  /** Adds the coupon codes of the slots to claims. A code is always stored before its slot can be acquired. */
  async function addCodes (
    { event }: Demand, served: ReadonlyArray<readonly [ClaimGroup, number]>
  ): Promise<Omit<Acquired, 'leases'>> {
    const pools = event.rewards.filter(({ type }) => rewardTypes[type].hasCodes)
    if (served.length === 0 || pools.length === 0) {
      return { ready: served.map(([group, slot]) => ({ group, slot, decision: group.decision })), outcomes: [] }
    }
    const codes = await isolateAsync(async () => await readCodes(event.id, pools, served.map(([, slot]) => slot)))
    if (codes instanceof Failed) {
      return { ready: [], outcomes: served.flatMap(([group]) => outcomesForAll(group, () => codes)) }
    }
    const claims = served.map(([group, slot]): ReadyClaim => {
      const rewards = group.decision.rewards.map(reward => withCode(reward, codes, slot))
      return { group, slot, decision: { ...group.decision, rewards } }
    })
    const [ready, withoutCodes] = partition(claims, hasAllCodes)
    return { ready, outcomes: withoutCodes.flatMap(({ group }) => outcomesForAll(group, () => codeMissing())) }
  }

  /** Returns the codes of these slots, by reward and slot. */
  async function readCodes (eventId: string, pools: readonly Reward[], slots: readonly number[]): Promise<Codes> {
    return new Map(await Promise.all(pools.map(async ({ rewardId }) =>
      [rewardId, await coupons.codesOf({ eventId, rewardId }, slots)] as const)))
  }

  return {
    async acquire (groups) {
      const { unlimited, demands } = split(groups)
      const acquired = await Promise.all(demands.map(async demand => {
        const outcome = await isolateAsync(async () => await acquireFor(demand))
        return outcome instanceof Failed ? failAll(demand, outcome) : outcome
      }))
      return {
        ready: [...unlimited.map(toReady), ...acquired.flatMap(({ ready }) => ready)],
        outcomes: acquired.flatMap(({ outcomes }) => outcomes),
        leases: acquired.flatMap(({ leases }) => leases)
      }
    },
    release: async ({ key, id }, unused) => { await stock.releaseLease(key, id, unused) }
  }
}

/** Coupon codes by reward and slot. */
type Codes = ReadonlyMap<string, ReadonlyMap<number, string>>

/** Separates the claims that need no slot from those that need one, and groups the latter by stock. */
function split (groups: readonly ClaimGroup[]): { unlimited: readonly ClaimGroup[], demands: readonly Demand[] } {
  const unlimited: ClaimGroup[] = []
  const limited: Array<{ group: ClaimGroup, capacity: number }> = []
  for (const group of groups) {
    const capacity = slotLimit(group)
    if (capacity === undefined) unlimited.push(group)
    else limited.push({ group, capacity })
  }
  const byStock = groupBy(limited, ({ group }) => stockId(stockKeyOf(group)))
  const demands = [...byStock.values()].map(own => ({
    key: stockKeyOf(own[0].group),
    event: own[0].group.event,
    capacity: own[0].capacity,
    groups: own.map(({ group }) => group)
  }))
  return { unlimited, demands }
}

function toReady (group: ClaimGroup): ReadyClaim {
  return { group, decision: group.decision }
}

function refuse (group: ClaimGroup): ReadyClaim {
  return { group, decision: refuseOutOfStock(group.decision) }
}

function wait (group: ClaimGroup): IndexedOutcome[] {
  const waitDeadline = waitDeadlineOf(group)
  return outcomesForAll(group, ({ request }) => deferFor(retryInterval, { ...request, waitDeadline }))
}

function waitDeadlineOf ({ at, members: [{ request }] }: ClaimGroup): number {
  return request.waitDeadline ?? at.getTime() + maxWait
}

function failAll ({ groups }: Demand, failed: Failed): Acquired {
  return { ready: [], outcomes: groups.flatMap(group => outcomesForAll(group, () => failed)), leases: [] }
}

function withCode (reward: GrantedReward, codes: Codes, slot: number): GrantedReward {
  const couponCode = codes.get(reward.rewardId)?.get(slot)
  return couponCode === undefined ? reward : { ...reward, couponCode }
}

function hasAllCodes ({ decision }: ReadyClaim): boolean {
  return decision.rewards.every(({ type, couponCode }) => !rewardTypes[type].hasCodes || couponCode !== undefined)
}

function codeMissing (): Failed {
  const message = 'A coupon code is missing; retry after 10 seconds.'
  return new Failed(new DomainError('unavailable', 'SERVICE_UNAVAILABLE', message, { retryAfter: 10 }))
}
