import type { ClaimStatus } from '@laurel/shared/contracts'
import { dateRange, timeLimit } from '@laurel/shared/mongo'
import type { Collection, Filter } from 'mongodb'
import { grantedStatuses } from '../domain/claim-status.ts'
import type { CountedClaims, UnitCounts } from '../domain/event-stats.ts'
import { totalOf } from '../domain/grants-by-day.ts'
import type { ClaimFilter } from './claim-queries.ts'
import type { ClaimDocument } from './claim-documents.ts'
import type { CountedEvent, CountGrants } from './grant-rollups.ts'

/** The number of claims of one event with one status. */
export interface StatusCount {
  readonly eventId: string
  readonly status: ClaimStatus
  readonly count: number
}

/** Counts claims. `grant-rollups.ts` explains how the grants of an event are counted. */
export interface ClaimCounters {
  /** Counts the claims of all events by status, or those that were granted in `[grantedFrom, grantedTo)`. */
  countAll: (range: Pick<ClaimFilter, 'grantedFrom' | 'grantedTo'>) => Promise<StatusCount[]>
  countClaims: (event: CountedEvent) => Promise<CountedClaims>
  /**
   * Counts the units of each reward of an event that are granted, and those that pending claims hold.
   * @param stockPeriod counts only claims that use the stock of this period.
   */
  countUnits: (event: CountedEvent, stockPeriod?: string) => Promise<UnitCounts>
}

export function createClaimCounters (claims: Collection<ClaimDocument>, countGrants: CountGrants): ClaimCounters {
  const readOutcomes = { hint: 'event_by_outcome', ...timeLimit }

  /** Counting one range of the index is twice as fast as grouping several. */
  async function count (eventId: string, status: ClaimStatus): Promise<number> {
    return await claims.countDocuments({ eventId, status }, readOutcomes)
  }

  /** Counts the claims with each status except GRANTED. */
  async function countOthers (eventId: string): Promise<Record<Exclude<ClaimStatus, 'GRANTED'>, number>> {
    const [PENDING, REJECTED, FAILED, REVOKED] = await Promise.all([
      count(eventId, 'PENDING'), count(eventId, 'REJECTED'), count(eventId, 'FAILED'), count(eventId, 'REVOKED')
    ])
    return { PENDING, REJECTED, FAILED, REVOKED }
  }

  async function countPeriod (eventId: string, stockPeriod: string): Promise<UnitCounts> {
    const own = { eventId, stockPeriod }
    const [granted, held] = await Promise.all([
      claims.countDocuments({ ...own, status: { $in: grantedStatuses } }, timeLimit),
      claims.countDocuments({ ...own, status: 'PENDING' }, timeLimit)
    ])
    return { granted, held }
  }

  return {
    async countAll ({ grantedFrom, grantedTo }) {
      const found = await claims.aggregate<{ _id: Omit<StatusCount, 'count'>, count: number }>([
        { $match: grantedFrom === undefined && grantedTo === undefined ? {} : grantedIn(grantedFrom, grantedTo) },
        { $group: { _id: { eventId: '$eventId', status: '$status' }, count: { $sum: 1 } } }
      ], readOutcomes).toArray()
      return found.map(({ _id, count }) => ({ ..._id, count }))
    },
    async countClaims (event) {
      const others = await countOthers(event.id)
      // Read later, so that it includes the grants of all claims that were counted as revoked.
      const days = await countGrants(event)
      return { byStatus: { ...others, GRANTED: totalOf(days) - others.REVOKED }, days }
    },
    async countUnits (event, stockPeriod) {
      if (stockPeriod !== undefined) return await countPeriod(event.id, stockPeriod)
      const [days, held] = await Promise.all([countGrants(event), count(event.id, 'PENDING')])
      return { granted: totalOf(days), held }
    }
  }
}

/** The filter also bounds the first fields of `event_by_outcome`, so that MongoDB reads only the index. */
function grantedIn (from: Date | undefined, to: Date | undefined): Filter<ClaimDocument> {
  return { eventId: { $gte: '' }, status: { $in: grantedStatuses }, ...dateRange('grantedAt', from, to) }
}
