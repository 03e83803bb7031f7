import { createBackgroundLoop, type BackgroundLoop } from '@laurel/shared/background-loop'
import { Failed, isolateAsync } from '../batch.ts'
import type { ClaimStore } from '../stores/claims.ts'
import type { CouponStore } from '../stores/coupons.ts'
import type { EventStore } from '../stores/events.ts'
import { maxFree } from '../stores/stock-pipelines.ts'
import type { StockGaps } from '../stores/stock-repair.ts'
import type { StockStore } from '../stores/stock.ts'
import { raisePool } from './coupon-pools.ts'
import { releaseRejectedSlot } from './release-rejected-slot.ts'
import type { WarningLog } from '../warning-log.ts'

export interface SweeperOptions {
  readonly claims: ClaimStore
  readonly coupons: CouponStore
  readonly events: EventStore
  readonly stock: StockStore
  readonly log: WarningLog
}

export interface Sweeper extends Pick<BackgroundLoop, 'start' | 'close'> {
  /** Sweeps once. Resolves when all work that was found is finished. */
  sweep: () => Promise<void>
}

/** The time between two sweeps, in milliseconds. */
const interval = 1000
/** How long a rejection may take to release its slot before the sweeper does it, in milliseconds. */
const releaseTime = 5000
/** The maximum number of items that a step handles in one sweep. */
const maxItems = 100

/**
 * Finishes the work of processes that died. All steps are idempotent, because several sweepers may run concurrently,
 * and a process may be slow instead of dead. In all cases, the unique indexes of the claims prevent a slot from being
 * used twice.
 */
export function createSweeper ({ claims, coupons, events, stock, log }: SweeperOptions): Sweeper {
  const loop = createBackgroundLoop(interval, async () => {
    await sweep()
    return interval
  })

  /** Handles items one at a time until the sweeper is closed. If some fail, it throws the first error at the end. */
  async function forEach<T> (items: readonly T[], handle: (item: T) => Promise<void>): Promise<void> {
    const failures: Failed[] = []
    for (const item of items) {
      if (loop.isClosed()) return
      const outcome = await isolateAsync(async () => { await handle(item) })
      if (outcome instanceof Failed) failures.push(outcome)
    }
    const [first] = failures
    if (first !== undefined) throw first.error
  }

  async function endExpiredLeases (): Promise<void> {
    await forEach(await stock.expiredLeases(maxItems), async ({ key, id, slots }) => {
      const held = await claims.slotsHeld(key, slots)
      await stock.releaseLease(key, id, slots.filter(slot => !held.has(slot)))
    })
  }

  async function finishRejections (): Promise<void> {
    const before = new Date(Date.now() - releaseTime)
    await forEach(await claims.releasing(before, maxItems), async claim => {
      await releaseRejectedSlot(claims, stock, claim)
    })
  }

  /** Finds the free slots that the stock document was too small to list. */
  async function fillGaps (): Promise<void> {
    await forEach(await stock.withGaps(maxItems), async gaps => {
      const found = await findFreeSlots(gaps, claims.allSlots(gaps.key), maxFree + 1)
      await stock.fillGaps(gaps, found, found.length <= maxFree)
    })
  }

  async function finishPools (): Promise<void> {
    await forEach(await coupons.unfinished(maxItems), async pool => { await raisePool(events, coupons, pool) })
  }

  async function sweep (): Promise<void> {
    for (const step of [endExpiredLeases, finishRejections, fillGaps, finishPools]) {
      if (loop.isClosed()) return
      await step().catch((error: unknown) => { log.warn({ err: error }, 'a sweep failed; retrying in 1 second') })
    }
  }

  return { sweep, start: loop.start, close: loop.close }
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
