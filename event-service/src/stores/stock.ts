import { timeLimit, insertUnordered } from '@laurel/shared/mongo'
import { randomUUID } from 'node:crypto'
import type { ClientSession, Db, Document, Filter } from 'mongodb'
import { noteKey, type StockNote } from '../domain/messages.ts'
import { createOutboxStore, pushNote, type OutboxStore } from './outbox.ts'
import { createSoldOutMemory } from './sold-out.ts'
import {
  acquireSlots, addFree, endGaps, endLeases, maxFree, type LeaseEntry, type StockDocument
} from './stock-pipelines.ts'

export { maxFree } from './stock-pipelines.ts'

/** The key of a stock. A slot is a number that is unique among the claims with the same key. */
export interface StockKey {
  readonly eventId: string
  /** The period of the stock, if it is per period. */
  readonly stockPeriod?: string | undefined
}

/** Slots that were acquired and are not yet used. The sweeper ends a lease that is not released. */
export interface Lease {
  readonly id: string
  readonly slots: readonly number[]
}

export interface AcquiredLease extends Lease {
  /** The ids of the other leases of this stock. Their slots may be returned. */
  readonly others: readonly string[]
}

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

/**
 * The slots 0, 1, 2, … that can still be granted. The stock is only an optimization. The unique index of the claims
 * makes overselling impossible, so handing out a slot twice is harmless.
 */
export interface StockStore {
  /** Leases up to `wanted` slots below `capacity`. */
  acquire: (key: StockKey, wanted: number, capacity: number) => Promise<AcquiredLease>
  /**
   * Ends a lease and returns its unused slots. If all slots are used, the lease ends with the next one or after 50 ms.
   */
  release: (key: StockKey, leaseId: string, unused: readonly number[]) => Promise<void>
  /** Returns the slot of a rejected claim to the stock. This is idempotent. */
  putBack: (key: StockKey, slot: number) => Promise<void>
  /** Whether the stock was sold out less than 250 ms ago, and no slot or capacity has been added since. */
  isSoldOut: (key: StockKey, capacity: number) => boolean
  noteSoldOut: (key: StockKey, capacity: number) => void
  /** Returns how many slots below its capacity are left, by `stockId`. */
  available: (capacities: ReadonlyMap<string, number>) => Promise<Map<string, number>>
  /** Returns how many slots claims hold, by `stockId`. Omits stocks whose slots are not all known. */
  granted: (ids: readonly string[]) => Promise<ReadonlyMap<string, number>>
  /** Adds a note to a stock, once per type, reward and stock. */
  note: (key: StockKey, note: StockNote) => Promise<void>
  readonly outbox: OutboxStore<StockDocument>
  /**
   * Returns leases that are older than 10 seconds, because their processes have probably died. If a process is only
   * slow, the unique index of the claims still prevents a slot from being granted twice.
   */
  expiredLeases: (limit: number) => Promise<ExpiredLease[]>
  /** Returns stock documents that do not list all of their free slots. */
  withGaps: (limit: number) => Promise<StockGaps[]>
  /** Adds free slots that were found. @param isAll whether these are all free slots. */
  fillGaps: (gaps: StockGaps, found: readonly number[], isAll: boolean) => Promise<void>
}

/** In milliseconds. */
const leaseTime = 10_000
/** How long a fully used lease waits to be ended together with the next lease, in milliseconds. */
const releaseWithin = 50

// A failover may lose these writes. This is harmless, because the write of the claim waits for a majority.
const primaryOnly = { writeConcern: { w: 1 } } as const

/** Fully used leases, and the timer that ends them. */
interface UsedUp {
  readonly leaseIds: readonly string[]
  readonly timer: NodeJS.Timeout
}

/** Contains the shard key. Without it, a sharded cluster would query every shard. */
function filterOf (key: StockKey): { _id: string, eventId: string } {
  return { _id: stockId(key), eventId: key.eventId }
}

/** Returns the id of a stock. Event ids contain no underscores. */
export function stockId ({ eventId, stockPeriod }: StockKey): string {
  return stockPeriod === undefined ? eventId : `${eventId}_${stockPeriod}`
}

function keyOf ({ eventId, stockPeriod }: StockKey): StockKey {
  return { eventId, ...(stockPeriod === undefined ? {} : { stockPeriod }) }
}

/** Returns the event of a `stockId`. */
function eventIdOf (id: string): string {
  return id.replace(/_.*$/, '')
}

export function createStockStore (db: Db): StockStore {
  const stock = db.collection<StockDocument>('stock')
  const soldOut = createSoldOutMemory()
  /** Fully used leases, by stock document. They end together with the next lease, without an additional command. */
  const usedUp = new Map<string, UsedUp>()

  function takeUsedUp (key: StockKey): readonly string[] {
    const id = stockId(key)
    const found = usedUp.get(id)
    if (found === undefined) return []
    clearTimeout(found.timer)
    usedUp.delete(id)
    return found.leaseIds
  }

  /** Runs a write without causal consistency, so that later reads do not wait until a majority has acknowledged it. */
  async function withoutCausality<T> (write: (session: ClientSession) => Promise<T>): Promise<T> {
    return await db.client.withSession({ causalConsistency: false }, write)
  }

  async function updateStock (key: StockKey, pipeline: Document[], filter: Filter<StockDocument> = {}): Promise<void> {
    await withoutCausality(async session => {
      await stock.updateOne({ ...filterOf(key), ...filter }, pipeline, { ...primaryOnly, ...timeLimit, session })
    })
  }

  async function endUsedUp (key: StockKey): Promise<void> {
    const ids = takeUsedUp(key)
    if (ids.length > 0) await updateStock(key, [endLeases(ids)])
  }

  function endSoon (key: StockKey, leaseId: string): void {
    const timer = setTimeout(() => { endUsedUp(key).catch(() => undefined) }, releaseWithin).unref()
    usedUp.set(stockId(key), { leaseIds: [...takeUsedUp(key), leaseId], timer })
  }

  /** Returns all leases after this one was added, or `undefined` if there is no stock document. */
  async function addLease (key: StockKey, lease: Document[]): Promise<LeaseEntry[] | undefined> {
    const pipeline = [endLeases(takeUsedUp(key)), ...lease]
    const options = { returnDocument: 'after', projection: { leases: 1 }, ...primaryOnly, ...timeLimit } as const
    return await withoutCausality(async session =>
      (await stock.findOneAndUpdate(filterOf(key), pipeline, { ...options, session }))?.leases)
  }

  return {
    async acquire (key, wanted, capacity) {
      const id = randomUUID()
      const lease = acquireSlots(id, wanted, capacity)
      let leases = await addLease(key, lease)
      if (leases === undefined) {
        // No upsert: with a filter on more than `_id`, one of two concurrent upserts fails.
        await insertUnordered(stock, [{ ...filterOf(key), ...keyOf(key), next: 0, free: [], leases: [], gaps: false }])
        leases = await addLease(key, lease) as LeaseEntry[]
      }
      return {
        id,
        slots: leases.find(lease => lease.id === id)?.numbers ?? [],
        others: leases.flatMap(lease => lease.id === id ? [] : [lease.id])
      }
    },
    async release (key, leaseId, unused) {
      if (unused.length === 0) {
        endSoon(key, leaseId)
        return
      }
      soldOut.delete(filterOf(key)._id)
      // Only if the lease still exists. If the sweeper ended it, the sweeper has also returned its slots.
      await updateStock(key, [endLeases([leaseId]), ...addFree(unused)], { 'leases.id': leaseId })
    },
    async putBack (key, slot) {
      await stock.updateOne(filterOf(key), addFree([slot]), timeLimit)
      soldOut.delete(filterOf(key)._id)
    },
    isSoldOut: (key, capacity) => soldOut.has(filterOf(key)._id, capacity),
    noteSoldOut (key, capacity) {
      soldOut.add(filterOf(key)._id, capacity)
    },
    async available (capacities) {
      const ids = [...capacities.keys()]
      const filter = { _id: { $in: ids }, eventId: { $in: ids.map(eventIdOf) } }
      const rows = await stock.find(filter, { projection: { next: 1, free: 1 }, ...timeLimit }).toArray()
      const found = new Map(rows.map(row => [row._id, row]))
      return new Map([...capacities].map(([id, capacity]) => {
        const { next, free } = found.get(id) ?? { next: 0, free: [] }
        return [id, Math.max(0, capacity - next) + free.length]
      }))
    },
    async granted (ids) {
      const filter = { _id: { $in: [...ids] }, eventId: { $in: ids.map(eventIdOf) }, gaps: false }
      const rows = await stock.find(filter, { projection: { next: 1, free: 1, leases: 1 }, ...timeLimit }).toArray()
      return new Map(rows.map(({ _id, next, free, leases }) =>
        [_id, next - free.length - leases.reduce((sum, { numbers }) => sum + numbers.length, 0)]))
    },
    async note (key, note) {
      const name = `${note.type} ${noteKey(note)}`
      const change = { $addToSet: { noted: name }, ...pushNote(note) }
      await stock.updateOne({ ...filterOf(key), noted: { $ne: name } }, change, timeLimit)
    },
    outbox: createOutboxStore(stock, ({ _id, eventId }) => ({ _id, eventId })),
    async expiredLeases (limit) {
      const since = new Date(Date.now() - leaseTime)
      const options = { projection: { eventId: 1, stockPeriod: 1, leases: 1 }, limit, ...timeLimit }
      const found = await stock.find({ 'leases.at': { $lt: since } }, options).toArray()
      return found.flatMap(row => row.leases
        .filter(({ at }) => at < since)
        .map(({ id, numbers }) => ({ key: keyOf(row), id, slots: numbers })))
    },
    async withGaps (limit) {
      const isShort = { [`free.${maxFree / 2}`]: { $exists: false } }
      const found = await stock.find({ gaps: true, ...isShort }, { limit, ...timeLimit }).toArray()
      return found.map(row => ({ key: keyOf(row), next: row.next, free: row.free, leases: row.leases }))
    },
    async fillGaps ({ key, next, free, leases }, found, isAll) {
      const pipeline = [endGaps({ next, free: [...free], leases: [...leases] }, isAll), ...addFree(found)]
      await updateStock(key, pipeline, { gaps: true })
    }
  }
}
