import type { ClaimStore } from '../stores/claims.ts'
import type { CouponStore } from '../stores/coupons.ts'
import type { EventStore } from '../stores/events.ts'
import { maxFree, type StockStore } from '../stores/stock.ts'
import { raisePool } from './pools.ts'
import { releaseUnit } from './release.ts'

export interface SweeperOptions {
  readonly claims: ClaimStore
  readonly coupons: CouponStore
  readonly events: EventStore
  readonly stock: StockStore
  readonly log: { warn: (error: unknown, message: string) => void }
}

export interface Sweeper {
  start: () => void
  /** One look; resolves when everything that was found is put in order. */
  sweep: () => Promise<void>
  /** Resolves when nothing of it is under way. */
  close: () => Promise<void>
}

/** Milliseconds. */
const interval = 1000
/** Milliseconds that whoever rejected a claim has for putting its unit on sale. */
const releaseTime = 5000
const atOnce = 100

/**
 * Finishes what processes that died have begun. Everything it does is safe to do twice, also by several sweepers at once
 * and beside a process that was only slow: the claims' unique indexes have the last word.
 */
export function createSweeper ({ claims, coupons, events, stock, log }: SweeperOptions): Sweeper {
  let timer: NodeJS.Timeout | undefined
  let underWay: Promise<void> = Promise.resolve()

  async function undoLeases (): Promise<void> {
    for (const { eventId, lease } of await stock.oldLeases(atOnce)) {
      const held = await claims.slotsHeld(eventId, lease.numbers)
      await stock.settle(eventId, lease.id, lease.numbers.filter(number => !held.has(number)))
    }
  }

  async function finishRejections (): Promise<void> {
    for (const rejected of await claims.releasing(new Date(Date.now() - releaseTime), atOnce)) await releaseUnit(claims, stock, rejected)
  }

  /** Finds free numbers again that were too many to be listed. */
  async function fillGaps (): Promise<void> {
    for (const found of await stock.withGaps(atOnce)) {
      const { _id: eventId, next, leases } = found
      const leased = new Set(leases.flatMap(({ numbers }) => numbers))
      const free: number[] = []
      let number = 0
      const listUpTo = (end: number): void => {
        for (; number < end && free.length <= maxFree; number++) if (!leased.has(number)) free.push(number)
      }
      for await (const held of claims.allSlots(eventId)) {
        listUpTo(held)
        number = held + 1
        if (free.length > maxFree) break
      }
      listUpTo(next)
      await stock.fillGaps(found, free, free.length <= maxFree)
    }
  }

  async function finishPools (): Promise<void> {
    for (const pool of await coupons.unfinished(atOnce)) await raisePool(events, coupons, pool)
  }

  async function sweep (): Promise<void> {
    for (const step of [undoLeases, finishRejections, fillGaps, finishPools]) {
      await step().catch((error: unknown) => { log.warn(error, 'sweeping failed; it is tried again') })
    }
  }

  function schedule (): void {
    timer = setTimeout(() => { underWay = sweep().then(schedule) }, interval)
  }

  return {
    sweep,
    start: schedule,
    async close () {
      clearTimeout(timer)
      await underWay
      clearTimeout(timer)
    }
  }
}
