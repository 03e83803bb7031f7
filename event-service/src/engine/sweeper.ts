import type { ClaimStore } from '../stores/claims.ts'
import type { CouponStore } from '../stores/coupons.ts'
import type { EventStore } from '../stores/events.ts'
import { maxFree, type StockGaps, type StockStore } from '../stores/stock.ts'
import { raisePool } from './pools.ts'
import { releaseSlot } from './release.ts'

export interface SweeperOptions {
  readonly claims: ClaimStore
  readonly coupons: CouponStore
  readonly events: EventStore
  readonly stock: StockStore
  readonly log: { warn: (error: unknown, message: string) => void }
}

export interface Sweeper {
  start: () => void
  /** Looks once. Resolves when everything that was found is finished. */
  sweep: () => Promise<void>
  /** Resolves when no sweep is in progress. */
  close: () => Promise<void>
}

/** In milliseconds. */
const interval = 1000
/** How long whoever rejects a claim has to return its slot, in milliseconds. */
const releaseTime = 5000
/** How many items one sweep of a step handles at most. */
const maxItems = 100

/**
 * Finishes what processes that died have begun.
 * Everything it does is safe to do twice: several sweepers may run at once, also beside a process that was only slow.
 * The claims' unique indexes have the last word.
 */
export function createSweeper ({ claims, coupons, events, stock, log }: SweeperOptions): Sweeper {
  let timer: NodeJS.Timeout | undefined
  let inProgress: Promise<void> = Promise.resolve()

  async function endExpiredLeases (): Promise<void> {
    for (const { key, id, slots } of await stock.expiredLeases(maxItems)) {
      const held = await claims.slotsHeld(key, slots)
      await stock.release(key, id, slots.filter(slot => !held.has(slot)))
    }
  }

  async function finishRejections (): Promise<void> {
    const before = new Date(Date.now() - releaseTime)
    for (const claim of await claims.releasing(before, maxItems)) await releaseSlot(claims, stock, claim)
  }

  /** Finds free slots again that were too many to be listed. */
  async function fillGaps (): Promise<void> {
    for (const gaps of await stock.withGaps(maxItems)) {
      const found = await findFreeSlots(gaps, claims.allSlots(gaps.key), maxFree + 1)
      await stock.fillGaps(gaps, found, found.length <= maxFree)
    }
  }

  async function finishPools (): Promise<void> {
    for (const pool of await coupons.unfinished(maxItems)) await raisePool(events, coupons, pool)
  }

  async function sweep (): Promise<void> {
    for (const step of [endExpiredLeases, finishRejections, fillGaps, finishPools]) {
      await step().catch((error: unknown) => { log.warn(error, 'The sweep failed; it is retried in 1 second.') })
    }
  }

  function schedule (): void {
    timer = setTimeout(() => { inProgress = sweep().then(schedule) }, interval)
  }

  return {
    sweep,
    start: schedule,
    async close () {
      clearTimeout(timer)
      await inProgress
      clearTimeout(timer)
    }
  }
}

/** Returns at most `limit` slots below `next` that no claim holds and no lease contains, in ascending order. */
async function findFreeSlots (
  { next, leases }: StockGaps, held: AsyncIterable<number>, limit: number
): Promise<number[]> {
  const leased = new Set(leases.flatMap(({ numbers }) => numbers))
  const free: number[] = []
  let slot = 0
  const addUpTo = (end: number): void => {
    for (; slot < end && free.length < limit; slot++) if (!leased.has(slot)) free.push(slot)
  }
  for await (const taken of held) {
    addUpTo(taken)
    slot = taken + 1
    if (free.length === limit) break
  }
  addUpTo(next)
  return free
}
