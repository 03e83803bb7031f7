import { timeLimit } from '@laurel/shared/mongo'
import type { Db } from 'mongodb'
import { keyOf, type StockKey } from './stock-key.ts'
import type { Lease } from './stock-leases.ts'
import { addFree, endGaps, maxFree, type LeaseEntry, type StockDocument } from './stock-pipelines.ts'
import { updateStock } from './stock-writes.ts'

export interface ExpiredLease extends Lease {
  readonly key: StockKey
}

/** A stock document that does not list all of its free slots. */
export interface StockGaps {
  readonly key: StockKey
  readonly next: number
  readonly free: readonly number[]
  readonly leases: readonly LeaseEntry[]
}

/** Finds the work that the sweeper finishes for processes that died. */
export interface StockRepair {
  /**
   * Returns leases that are older than 10 seconds, because their processes have probably died. If a process is only
   * slow, the unique index of the claims still prevents a slot from being granted twice.
   */
  expiredLeases: (limit: number) => Promise<ExpiredLease[]>
  /** Returns stock documents that do not list all of their free slots. */
  withGaps: (limit: number) => Promise<StockGaps[]>
  /**
   * Adds free slots that were found.
   * @param isAll whether these are all free slots.
   */
  fillGaps: (gaps: StockGaps, found: readonly number[], isAll: boolean) => Promise<void>
}

/** When the sweeper ends a lease, in milliseconds. */
const leaseTime = 10_000

export function createStockRepair (db: Db): StockRepair {
  const stock = db.collection<StockDocument>('stock')
  return {
    async expiredLeases (limit) {
      const since = new Date(Date.now() - leaseTime)
      const options = { projection: { eventId: 1, stockPeriod: 1, leases: 1 }, limit, ...timeLimit }
      const found = await stock.find({ 'leases.at': { $lt: since } }, options).toArray()
      return found.flatMap(stored => stored.leases
        .filter(({ at }) => at < since)
        .map(({ id, numbers }) => ({ key: keyOf(stored), id, slots: numbers })))
    },
    async withGaps (limit) {
      const isShort = { [`free.${maxFree / 2}`]: { $exists: false } }
      const found = await stock.find({ gaps: true, ...isShort }, { limit, ...timeLimit }).toArray()
      return found.map(stored => ({ key: keyOf(stored), next: stored.next, free: stored.free, leases: stored.leases }))
    },
    async fillGaps ({ key, next, free, leases }, found, isAll) {
      const pipeline = [endGaps({ next, free: [...free], leases: [...leases] }, isAll), ...addFree(found)]
      await updateStock(db, key, pipeline, { gaps: true })
    }
  }
}
