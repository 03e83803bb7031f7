import type { Document } from 'mongodb'
import type { OutboxFields } from './outbox.ts'

/** A stock document, which hands out the slots of an event. */
export interface StockDocument extends OutboxFields {
  /** The event's id, and the period if the stock is per period. */
  _id: string
  /** Also the shard key. */
  eventId: string
  stockPeriod?: string
  /** This slot and all higher ones have never been leased. */
  next: number
  /** Slots below `next` that were returned. */
  free: number[]
  leases: LeaseEntry[]
  /** Set if more slots are free than `free` lists. */
  gaps: boolean
  /** The subjects of the outbox entries that were added for webhooks. */
  noted?: string[]
}

export interface LeaseEntry {
  readonly id: string
  readonly numbers: number[]
  readonly at: Date
}

/** The maximum number of free slots in the document, so that it stays small. The sweeper finds the others. */
export const maxFree = 1000

/** Leases up to `wanted` slots below the capacity: free ones first, then new ones. */
export function acquireSlots (leaseId: string, wanted: number, capacity: number): Document[] {
  const missing = { $subtract: [wanted, { $size: '$reused' }] }
  const lease = { id: leaseId, numbers: '$acquired', at: '$$NOW' }
  return [
    { $set: { reused: { $slice: ['$free', wanted] } } },
    { $set: { fresh: { $max: [0, { $min: [missing, { $subtract: [capacity, '$next'] }] }] } } },
    { $set: { acquired: { $concatArrays: ['$reused', { $range: ['$next', { $add: ['$next', '$fresh'] }] }] } } },
    {
      $set: {
        next: { $add: ['$next', '$fresh'] },
        free: { $slice: ['$free', { $size: '$reused' }, maxFree] },
        leases: { $concatArrays: ['$leases', { $cond: [{ $eq: ['$acquired', []] }, [], [lease]] }] }
      }
    },
    { $unset: ['reused', 'fresh', 'acquired'] }
  ]
}

/** Ends these leases, if they still exist. */
export function endLeases (ids: readonly string[]): Document {
  const others = { $filter: { input: '$leases', cond: { $not: { $in: ['$$this.id', ids] } } } }
  return { $set: { leases: others } }
}

/** Adds slots to the free ones, without duplicates. Sets the gaps mark if there are more than `maxFree`. */
export function addFree (slots: readonly number[]): Document[] {
  const isTooLong = { $gt: [{ $size: '$free' }, maxFree] }
  return [
    { $set: { free: { $setUnion: ['$free', slots] } } },
    { $set: { gaps: { $or: ['$gaps', isTooLong] }, free: { $slice: ['$free', maxFree] } } }
  ]
}

/**
 * Removes the gaps mark if all free slots are listed. If the document has changed since it was read, the mark stays,
 * because more slots may have been returned.
 */
export function endGaps (read: Pick<StockDocument, 'next' | 'free' | 'leases'>, isAll: boolean): Document {
  const isSame = {
    $and: [
      { $eq: ['$next', read.next] },
      { $eq: ['$free', read.free] },
      { $eq: ['$leases', { $literal: read.leases }] }
    ]
  }
  return { $set: { gaps: { $not: [{ $and: [isAll, isSame] }] } } }
}
