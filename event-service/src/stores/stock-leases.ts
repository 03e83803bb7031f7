import { insertUnordered } from '@laurel/shared/mongo'
import { randomUUID } from 'node:crypto'
import type { Db } from 'mongodb'
import { filterOf, keyOf, stockId, type StockKey } from './stock-key.ts'
import { acquireSlots, addFree, endLeases, type LeaseEntry, type StockDocument } from './stock-pipelines.ts'
import { updateAndReadLeases, updateStock } from './stock-writes.ts'

/**
 * Slots that a batch acquired. They stay in the lease until the batch has written its claims. The sweeper ends a lease
 * that is not released.
 */
export interface Lease {
  readonly id: string
  readonly slots: readonly number[]
}

export interface AcquiredLease extends Lease {
  /** The ids of the other leases of this stock. Their slots may be returned. */
  readonly others: readonly string[]
}

/** Leases slots to batches. */
export interface StockLeases {
  /** Leases up to `wanted` slots below `capacity`. */
  acquireLease: (key: StockKey, wanted: number, capacity: number) => Promise<AcquiredLease>
  /**
   * Ends a lease and returns its unused slots. If all slots are used, the lease ends with the next one or after 50 ms.
   */
  releaseLease: (key: StockKey, leaseId: string, unused: readonly number[]) => Promise<void>
}

/** How long a fully used lease waits to be ended together with the next lease, in milliseconds. */
const releaseDelay = 50

/** Fully used leases, and the timer that ends them. */
interface UsedUp {
  readonly leaseIds: readonly string[]
  readonly timer: NodeJS.Timeout
}

export function createStockLeases (db: Db): StockLeases {
  const stock = db.collection<StockDocument>('stock')
  /** Fully used leases, by stock document. They end together with the next lease, without an additional command. */
  const usedUp = new Map<string, UsedUp>()

  function removeUsedUp (key: StockKey): readonly string[] {
    const id = stockId(key)
    const found = usedUp.get(id)
    if (found === undefined) return []
    clearTimeout(found.timer)
    usedUp.delete(id)
    return found.leaseIds
  }

  async function endUsedUp (key: StockKey): Promise<void> {
    const ids = removeUsedUp(key)
    if (ids.length > 0) await updateStock(db, key, [endLeases(ids)])
  }

  function endSoon (key: StockKey, leaseId: string): void {
    const timer = setTimeout(() => { endUsedUp(key).catch(() => undefined) }, releaseDelay).unref()
    usedUp.set(stockId(key), { leaseIds: [...removeUsedUp(key), leaseId], timer })
  }

  return {
    async acquireLease (key, wanted, capacity) {
      const id = randomUUID()
      const lease = acquireSlots(id, wanted, capacity)
      let leases = await updateAndReadLeases(db, key, [endLeases(removeUsedUp(key)), ...lease])
      if (leases === undefined) {
        // No upsert: with a filter on more than `_id`, one of two concurrent upserts fails.
        await insertUnordered(stock, [{ ...filterOf(key), ...keyOf(key), next: 0, free: [], leases: [], gaps: false }])
        leases = await updateAndReadLeases(db, key, lease) as readonly LeaseEntry[]
      }
      return {
        id,
        slots: leases.find(lease => lease.id === id)?.numbers ?? [],
        others: leases.flatMap(lease => lease.id === id ? [] : [lease.id])
      }
    },
    async releaseLease (key, leaseId, unused) {
      if (unused.length === 0) {
        endSoon(key, leaseId)
        return
      }
      // Only if the lease still exists. If the sweeper ended it, the sweeper has also returned its slots.
      await updateStock(db, key, [endLeases([leaseId]), ...addFree(unused)], { 'leases.id': leaseId })
    }
  }
}
