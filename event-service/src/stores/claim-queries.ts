import type { ClaimStatus, GrantedReward } from '@laurel/shared/contracts'
import { dateRange, timeLimit, findEntryPage, findPage, type ListQuery, type PageOf } from '@laurel/shared/mongo'
import type { Collection, Filter } from 'mongodb'
import type { Claim } from '../domain/claim.ts'
import { claimId, toClaim, type ClaimDocument, type ClaimKey } from './claim-rows.ts'

/** One reward of a claim that was granted. */
export interface Grant {
  readonly claim: Claim
  readonly reward: GrantedReward
  /** Its place among the rewards of the claim. */
  readonly index: number
}

export interface ClaimFilter {
  readonly eventId?: string
  readonly userId?: string
  readonly status?: ClaimStatus
  /** `[from, to)`, by creation. */
  readonly from?: Date
  readonly to?: Date
}

/** How many claims of an event have each status, and how many were granted in each quarter of an hour. */
export interface ClaimStats {
  readonly byStatus: ReadonlyMap<ClaimStatus, number>
  readonly quarters: ReadonlyArray<{ readonly at: Date, readonly granted: number }>
}

export interface ClaimQueries {
  find: (id: string) => Promise<Claim | null>
  /** Returns the claims with these keys, in any order. Keys without a claim are left out. */
  findMany: (keys: readonly ClaimKey[]) => Promise<Claim[]>
  list: (filter: ClaimFilter, query: ListQuery) => Promise<PageOf<Claim>>
  /** Returns the rewards of each standing grant of a user. */
  grantsOf: (userId: string) => Promise<Array<readonly GrantedReward[]>>
  /** Returns a page of the rewards that a user was ever granted, by the time of the grant. */
  listGrants: (userId: string, query: ListQuery, type?: GrantedReward['type']) => Promise<PageOf<Grant>>
  statsOf: (eventId: string) => Promise<ClaimStats>
  /** Counts the claims of an event that hold its rewards, and those that hold them for a review. */
  countHeld: (eventId: string) => Promise<{ granted: number, held: number }>
}

export function createClaimQueries (claims: Collection<ClaimDocument>): ClaimQueries {
  const byOutcome = { hint: 'event_by_outcome', ...timeLimit }

  async function countByStatus (eventId: string): Promise<Map<ClaimStatus, number>> {
    const found = await claims.aggregate<{ _id: ClaimStatus, count: number }>([
      { $match: { eventId } },
      { $group: { _id: '$status', count: { $sum: 1 } } }
    ], byOutcome).toArray()
    return new Map(found.map(({ _id, count }) => [_id, count]))
  }

  async function countByQuarter (eventId: string): Promise<ClaimStats['quarters']> {
    const quarter = { $dateTrunc: { date: '$grantedAt', unit: 'minute', binSize: 15 } }
    const found = await claims.aggregate<{ _id: Date, count: number }>([
      { $match: { eventId, status: { $in: ['GRANTED', 'REVOKED'] } } },
      { $group: { _id: quarter, count: { $sum: 1 } } }
    ], byOutcome).toArray()
    return found.map(({ _id, count }) => ({ at: _id, granted: count }))
  }

  return {
    async find (id) {
      const found = await claims.findOne({ _id: id }, timeLimit)
      return found === null ? null : toClaim(found)
    },
    async findMany (keys) {
      if (keys.length === 0) return []
      return (await claims.find({ _id: { $in: keys.map(claimId) } }, timeLimit).toArray()).map(toClaim)
    },
    async list ({ eventId, userId, status, from, to }, query) {
      const filter: Filter<ClaimDocument> = {
        ...(eventId === undefined ? {} : { eventId }),
        ...(userId === undefined ? {} : { userId }),
        ...(status === undefined ? {} : { status }),
        ...dateRange('createdAt', from, to)
      }
      const list = JSON.stringify(['claims', eventId, userId, status, from, to])
      const page = await findPage(claims, list, filter, query)
      return { data: page.data.map(toClaim), nextCursor: page.nextCursor }
    },
    async grantsOf (userId) {
      const filter: Filter<ClaimDocument> = { userId, grantedAt: { $exists: true }, status: 'GRANTED' }
      const rows = await claims.find(filter, { projection: { rewards: 1 }, ...timeLimit }).toArray()
      return rows.map(({ rewards }) => rewards)
    },
    async listGrants (userId, query, type) {
      const filter: Filter<ClaimDocument> = {
        userId,
        grantedAt: { $exists: true },
        ...(type === undefined ? {} : { 'rewards.type': type })
      }
      const list = JSON.stringify(['grants', userId, type])
      return await findEntryPage(claims, list, filter, query, 'grantedAt', row => grantsIn(toClaim(row), type))
    },
    async statsOf (eventId) {
      const [byStatus, quarters] = await Promise.all([countByStatus(eventId), countByQuarter(eventId)])
      return { byStatus, quarters }
    },
    async countHeld (eventId) {
      const [granted, held] = await Promise.all([
        claims.countDocuments({ eventId, status: { $in: ['GRANTED', 'REVOKED'] } }, timeLimit),
        claims.countDocuments({ eventId, status: 'PENDING' }, timeLimit)
      ])
      return { granted, held }
    }
  }
}

function grantsIn (claim: Claim, type: GrantedReward['type'] | undefined): Grant[] {
  return claim.rewards.flatMap((reward, index) =>
    type === undefined || reward.type === type ? [{ claim, reward, index }] : [])
}
