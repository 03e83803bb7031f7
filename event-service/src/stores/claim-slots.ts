import { timeLimit } from '@laurel/shared/mongo'
import type { Collection, Filter } from 'mongodb'
import type { ClaimDocument } from './claim-documents.ts'
import type { StockKey } from './stock-key.ts'

/** A rejected claim whose slot has not been returned to the stock yet. */
export interface ReleasingClaim extends StockKey {
  readonly id: string
  /** The slot that it held: its `releasing`. */
  readonly released: number
}

/** Reads which slots the claims hold. */
export interface ClaimSlots {
  /** Returns which of these slots claims hold. */
  slotsHeld: (key: StockKey, slots: readonly number[]) => Promise<Set<number>>
  /** Yields all slots that claims hold, in ascending order. */
  allSlots: (key: StockKey) => AsyncIterable<number>
  /** Returns claims that were rejected before this instant and whose slot has not been returned yet. */
  releasing: (before: Date, limit: number) => Promise<ReleasingClaim[]>
  /** Removes `releasing` from a rejected claim whose slot has been returned. */
  markReleased: (claim: ReleasingClaim) => Promise<void>
}

export function createClaimSlots (claims: Collection<ClaimDocument>): ClaimSlots {
  return {
    async slotsHeld (key, slots) {
      const { field, filter } = scopeOf(key)
      const options = { projection: { _id: 0, [field]: 1 }, ...timeLimit }
      const held = await claims.find({ ...filter, [field]: { $in: [...slots] } }, options).toArray()
      return new Set(held.map(({ [field]: slot = -1 }) => slot))
    },
    async * allSlots (key) {
      const { field, filter, index } = scopeOf(key)
      // Without a time limit: it reads up to all claims of an event, and no request waits for it.
      const found = claims.find({ ...filter, [field]: { $exists: true } }, { projection: { _id: 0, [field]: 1 } })
      for await (const { [field]: slot = -1 } of found.sort({ [field]: 1 }).hint(index)) yield slot
    },
    async releasing (before, limit) {
      const options = { projection: { eventId: 1, stockPeriod: 1, releasing: 1 }, limit, ...timeLimit }
      const found = await claims.find({ releasing: { $gte: 0 }, updatedAt: { $lt: before } }, options).toArray()
      return found.map(({ _id, eventId, stockPeriod, releasing = -1 }) =>
        ({ id: _id, eventId, stockPeriod, released: releasing }))
    },
    async markReleased ({ id, eventId }) {
      await claims.updateOne({ _id: id, eventId }, { $unset: { releasing: '' } }, timeLimit)
    }
  }
}

interface Scope {
  readonly field: 'slot' | 'periodSlot'
  readonly filter: Filter<ClaimDocument>
  readonly index: string
}

/** Returns the field in which the claims with a key store their slots. Each of the two fields has a unique index. */
function scopeOf ({ eventId, stockPeriod }: StockKey): Scope {
  return stockPeriod === undefined
    ? { field: 'slot', filter: { eventId }, index: 'event_slot' }
    : { field: 'periodSlot', filter: { eventId, stockPeriod }, index: 'event_period_slot' }
}
