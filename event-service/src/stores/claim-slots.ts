import { timeLimit } from '@laurel/shared/mongo'
import type { Collection } from 'mongodb'
import type { ClaimDocument } from './claim-rows.ts'
import type { StockKey } from './stock.ts'

/** A rejected claim whose slot has not returned to the stock yet. */
export interface ReleasingClaim extends StockKey {
  readonly id: string
  readonly slot: number
}

/** Which slots the claims hold. */
export interface ClaimSlots {
  /** Returns which of these slots claims hold. */
  slotsHeld: (key: StockKey, slots: readonly number[]) => Promise<Set<number>>
  /** Yields all slots that claims hold, in ascending order. */
  allSlots: (key: StockKey) => AsyncIterable<number>
  /** Returns rejected claims that were decided before this instant and whose slot has not returned yet. */
  releasing: (before: Date, limit: number) => Promise<ReleasingClaim[]>
  /** Removes the mark of a rejected claim whose slot has returned. */
  noteReleased: (claim: ReleasingClaim) => Promise<void>
}

export function createClaimSlots (claims: Collection<ClaimDocument>): ClaimSlots {
  return {
    async slotsHeld ({ eventId }, slots) {
      const options = { projection: { _id: 0, slot: 1 }, ...timeLimit }
      const held = await claims.find({ eventId, slot: { $in: [...slots] } }, options).toArray()
      return new Set(held.map(({ slot = -1 }) => slot))
    },
    async * allSlots ({ eventId }) {
      const filter = { eventId, slot: { $exists: true } }
      const held = claims.find(filter, { projection: { _id: 0, slot: 1 } }).sort({ slot: 1 }).hint('event_slot')
      for await (const { slot = -1 } of held) yield slot
    },
    async releasing (before, limit) {
      const options = { projection: { eventId: 1, releasing: 1 }, limit, ...timeLimit }
      const found = await claims.find({ releasing: { $gte: 0 }, updatedAt: { $lt: before } }, options).toArray()
      return found.map(({ _id, eventId, releasing = -1 }) => ({ id: _id, eventId, slot: releasing }))
    },
    async noteReleased ({ id, eventId }) {
      await claims.updateOne({ _id: id, eventId }, { $unset: { releasing: '' } }, timeLimit)
    }
  }
}
