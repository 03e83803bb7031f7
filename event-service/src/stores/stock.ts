import { timeLimit } from '@laurel/shared/mongo'
import type { Db } from 'mongodb'
import { stockSubject, type StockEntry } from '../domain/messages.ts'
import { createOutboxStore, pushEntry, type OutboxStore } from './outbox.ts'
import { createSoldOutMemory } from './sold-out.ts'
import { eventOfStock, filterOf, keyOf, stockId, type StockKey } from './stock-key.ts'
import { createStockLeases, type StockLeases } from './stock-leases.ts'
import { addFree, type StockDocument } from './stock-pipelines.ts'
import { createStockRepair, type StockRepair } from './stock-repair.ts'

/**
 * The slots 0, 1, 2, … that can still be granted. The stock is only an optimization. The unique index of the claims
 * makes overselling impossible, so handing out a slot twice is harmless.
 */
export interface StockStore extends StockLeases, StockRepair {
  /** Returns the slot of a rejected claim to the stock. This is idempotent. */
  returnSlot: (key: StockKey, slot: number) => Promise<void>
  /**
   * Whether this process found the stock sold out less than 250 ms ago, and has returned no slot to it since. Returns
   * `false` for a higher capacity.
   */
  isSoldOut: (key: StockKey, capacity: number) => boolean
  markSoldOut: (key: StockKey, capacity: number) => void
  /** Returns how many slots below its capacity are left, by `stockId`. */
  available: (capacities: ReadonlyMap<string, number>) => Promise<Map<string, number>>
  /** Returns how many slots claims hold, by `stockId`. Omits stocks whose slots are not all known. */
  granted: (ids: readonly string[]) => Promise<ReadonlyMap<string, number>>
  /** Adds an outbox entry to a stock, once per type, reward and stock. */
  addEntry: (key: StockKey, entry: StockEntry) => Promise<void>
  readonly outbox: OutboxStore<StockKey>
}

export function createStockStore (db: Db): StockStore {
  const stock = db.collection<StockDocument>('stock')
  const soldOut = createSoldOutMemory()
  const leases = createStockLeases(db)
  return {
    ...createStockRepair(db),
    acquireLease: leases.acquireLease,
    async releaseLease (key, leaseId, unused) {
      if (unused.length > 0) soldOut.delete(stockId(key))
      await leases.releaseLease(key, leaseId, unused)
    },
    async returnSlot (key, slot) {
      await stock.updateOne(filterOf(key), addFree([slot]), timeLimit)
      soldOut.delete(stockId(key))
    },
    isSoldOut: (key, capacity) => soldOut.has(stockId(key), capacity),
    markSoldOut (key, capacity) {
      soldOut.add(stockId(key), capacity)
    },
    async available (capacities) {
      const ids = [...capacities.keys()]
      const filter = { _id: { $in: ids }, eventId: { $in: ids.map(eventOfStock) } }
      const stored = await stock.find(filter, { projection: { next: 1, free: 1 }, ...timeLimit }).toArray()
      const found = new Map(stored.map(document => [document._id, document]))
      return new Map([...capacities].map(([id, capacity]) => {
        const { next, free } = found.get(id) ?? { next: 0, free: [] }
        return [id, Math.max(0, capacity - next) + free.length]
      }))
    },
    async granted (ids) {
      const filter = { _id: { $in: [...ids] }, eventId: { $in: ids.map(eventOfStock) }, gaps: false }
      const stored = await stock.find(filter, { projection: { next: 1, free: 1, leases: 1 }, ...timeLimit }).toArray()
      return new Map(stored.map(({ _id, next, free, leases }) =>
        [_id, next - free.length - leases.reduce((sum, { numbers }) => sum + numbers.length, 0)]))
    },
    async addEntry (key, entry) {
      const name = `${entry.type} ${stockSubject(entry)}`
      const change = { $addToSet: { noted: name }, ...pushEntry(entry) }
      await stock.updateOne({ ...filterOf(key), noted: { $ne: name } }, change, timeLimit)
    },
    outbox: createOutboxStore(stock, ({ _id, eventId }) => ({ _id, eventId }), keyOf)
  }
}
