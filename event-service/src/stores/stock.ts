import { timeLimit, insertUnordered } from '@laurel/shared/mongo'
import { randomUUID } from 'node:crypto'
import type { Db, Document } from 'mongodb'

/**
 * The numbers 0, 1, 2, … of an event that can still be given away. It only makes selling cheap: what makes overselling
 * impossible is the unique index of the claims, so a number that is given away twice does no harm.
 */
export interface StockStore {
  /**
   * Takes up to `wanted` numbers below `capacity` and notes them as a lease, which the sweeper undoes if nobody settles it.
   * @returns the numbers, and the leases of others, whose numbers may come back.
   */
  take: (eventId: string, wanted: number, capacity: number) => Promise<Lease>
  /** Ends a lease: what was not used can be given away again, at once; where everything was used it ends with the next `take`, or soon. */
  settle: (eventId: string, leaseId: string, unused: readonly number[]) => Promise<void>
  /** A number that a claim held can be given away again; telling it twice is telling it once. */
  putBack: (eventId: string, slot: number) => Promise<void>
  /** Nothing was left a moment ago, so nobody need look. A higher capacity, or a number that comes back here, is looked for. */
  isSoldOut: (eventId: string, capacity: number) => boolean
  noteSoldOut: (eventId: string, capacity: number) => void
  /** How many numbers below its capacity nobody has taken, of each of these events. */
  available: (capacities: ReadonlyMap<string, number>) => Promise<Map<string, number>>
  /** Leases whose process is dead, or so slow that it does no harm: what it still writes is decided by the claims' index. */
  oldLeases: (limit: number) => Promise<Array<{ readonly eventId: string, readonly lease: Lease }>>
  /** Events whose free numbers are not all listed, with all numbers that were ever given away, or are leased. */
  withGaps: (limit: number) => Promise<StockDocument[]>
  /** Lists more of the free numbers. @param isAll whether there are no more of them. */
  fillGaps: (stock: StockDocument, free: readonly number[], isAll: boolean) => Promise<void>
}

export interface Lease {
  readonly id: string
  readonly numbers: readonly number[]
  readonly others: readonly string[]
}

export interface StockDocument {
  /** The event's id. */
  _id: string
  /** Also the shard key. */
  eventId: string
  /** No number from here on was ever given away. */
  next: number
  /** Numbers below `next` that came back. */
  free: number[]
  leases: Array<{ id: string, numbers: number[], at: Date }>
  /** More numbers are free than are listed. */
  gaps: boolean
}

/** So that the document stays small; the rest is found again in the claims. */
export const maxFree = 1000
/** Milliseconds. */
const leaseTime = 10_000
const soldOutTime = 250
const maxSoldOut = 10_000
const settleWithin = 50

// Losing one of these writes in a fail-over loses a hint; the claim's own write waits for the majority, and for all before it.
const hint = { writeConcern: { w: 1 } } as const

/** A write names the shard key too: without it a sharded cluster has to ask every shard. */
function of (eventId: string): { _id: string, eventId: string } {
  return { _id: eventId, eventId }
}

/** Removes leases, if they still stand. */
function withoutLeases (ids: readonly string[]): Document {
  return { $set: { leases: { $filter: { input: '$leases', cond: { $not: { $in: ['$$this.id', ids] } } } } } }
}

/** Adds numbers to the free ones, each once and not more than the document should hold. */
function giveBack (numbers: Document | readonly number[]): Document[] {
  return [
    { $set: { free: { $setUnion: ['$free', numbers] } } },
    { $set: { gaps: { $or: ['$gaps', { $gt: [{ $size: '$free' }, maxFree] }] }, free: { $slice: ['$free', maxFree] } } }
  ]
}

export function createStockStore (db: Db): StockStore {
  const stock = db.collection<StockDocument>('stock')
  const soldOut = new Map<string, { readonly capacity: number, readonly until: number }>()
  /** Leases of which everything was used, by event. */
  const used = new Map<string, string[]>()

  function takeUsed (eventId: string): string[] {
    const ids = used.get(eventId) ?? []
    used.delete(eventId)
    return ids
  }

  async function endUsed (eventId: string): Promise<void> {
    const ids = takeUsed(eventId)
    if (ids.length > 0) await stock.updateOne(of(eventId), [withoutLeases(ids)], { ...hint, ...timeLimit })
  }

  return {
    async take (eventId, wanted, capacity) {
      const id = randomUUID()
      const pipeline: Document[] = [
        withoutLeases(takeUsed(eventId)),
        { $set: { again: { $slice: ['$free', wanted] } } },
        { $set: { fresh: { $max: [0, { $min: [{ $subtract: [wanted, { $size: '$again' }] }, { $subtract: [capacity, '$next'] }] }] } } },
        { $set: { taken: { $concatArrays: ['$again', { $range: ['$next', { $add: ['$next', '$fresh'] }] }] } } },
        {
          $set: {
            next: { $add: ['$next', '$fresh'] },
            free: { $slice: ['$free', { $size: '$again' }, maxFree] },
            leases: { $concatArrays: ['$leases', { $cond: [{ $eq: ['$taken', []] }, [], [{ id, numbers: '$taken', at: '$$NOW' }]] }] }
          }
        },
        { $unset: ['again', 'fresh', 'taken'] }
      ]
      const update = async (): Promise<StockDocument | null> => await stock.findOneAndUpdate(of(eventId), pipeline, { returnDocument: 'after', projection: { leases: 1 }, ...hint, ...timeLimit })
      let after = await update()
      if (after === null) {
        // Not an upsert: of two at once one would fail, as more than `_id` is asked for. Here the second finds it made.
        await insertUnordered(stock, [{ ...of(eventId), next: 0, free: [], leases: [], gaps: false }])
        after = await update()
      }
      const { leases } = after as StockDocument
      return { id, numbers: leases.find(lease => lease.id === id)?.numbers ?? [], others: leases.map(lease => lease.id).filter(other => other !== id) }
    },
    async settle (eventId, leaseId, unused) {
      if (unused.length === 0) {
        if (!used.has(eventId)) setTimeout(() => { endUsed(eventId).catch(() => undefined) }, settleWithin).unref()
        used.set(eventId, [...takeUsed(eventId), leaseId])
        return
      }
      soldOut.delete(eventId)
      // Only while the lease stands: whoever undid it has given its numbers back already.
      await stock.updateOne({ ...of(eventId), 'leases.id': leaseId }, [withoutLeases([leaseId]), ...giveBack(unused)], { ...hint, ...timeLimit })
    },
    async putBack (eventId, slot) {
      await stock.updateOne(of(eventId), giveBack([slot]), timeLimit)
      soldOut.delete(eventId)
    },
    isSoldOut (eventId, capacity) {
      const known = soldOut.get(eventId)
      return known !== undefined && known.capacity >= capacity && Date.now() < known.until
    },
    noteSoldOut (eventId, capacity) {
      if (soldOut.size >= maxSoldOut) soldOut.clear()
      soldOut.set(eventId, { capacity, until: Date.now() + soldOutTime })
    },
    async available (capacities) {
      const ids = [...capacities.keys()]
      const rows = await stock.find({ _id: { $in: ids }, eventId: { $in: ids } }, { projection: { next: 1, free: 1 }, ...timeLimit }).toArray()
      const found = new Map(rows.map(row => [row._id, row]))
      return new Map([...capacities].map(([id, capacity]) => {
        const { next, free } = found.get(id) ?? { next: 0, free: [] }
        return [id, Math.max(0, capacity - next) + free.length]
      }))
    },
    async oldLeases (limit) {
      const since = new Date(Date.now() - leaseTime)
      const found = await stock.find({ 'leases.at': { $lt: since } }, { projection: { leases: 1 }, limit, ...timeLimit }).toArray()
      return found.flatMap(({ _id, leases }) => leases
        .filter(({ at }) => at < since)
        .map(({ id, numbers }) => ({ eventId: _id, lease: { id, numbers, others: [] } })))
    },
    withGaps: async limit => await stock.find({ gaps: true, [`free.${maxFree / 2}`]: { $exists: false } }, { limit, ...timeLimit }).toArray(),
    async fillGaps ({ _id, next, free, leases }, found, isAll) {
      // Where anything has changed since it was read, numbers may have come back that were not found: the mark stays.
      const isSame = { $and: [{ $eq: ['$next', next] }, { $eq: ['$free', free] }, { $eq: ['$leases', { $literal: leases }] }] }
      await stock.updateOne({ ...of(_id), gaps: true }, [{ $set: { gaps: { $not: [{ $and: [isAll, isSame] }] } } }, ...giveBack(found)], { ...hint, ...timeLimit })
    }
  }
}
