import type { ClaimStatus, DeliveryStatus, GrantedReward, LedgerEntry } from '@laurel/shared/contracts'
import {
  dateRange, timeLimit, findEntryPage, findPage, readRows, scanRows, type ListQuery, type OnUnreadable, type PageOf
} from '@laurel/shared/mongo'
import type { Collection, Filter } from 'mongodb'
import { isolate, type Failed } from '../batch.ts'
import type { Claim } from '../domain/claim.ts'
import type { ClaimCounts, UnitCounts } from '../domain/event-stats.ts'
import { totalOf } from '../domain/grants-by-day.ts'
import {
  checkRewards, claimId, readById, readClaim, withIds, type ClaimDocument, type ClaimKey
} from './claim-rows.ts'
import { distinctUsers } from './distinct-users.ts'
import type { CountedEvent, CountGrants } from './grant-rollups.ts'

/** One reward of a claim that was granted. */
export interface Grant {
  readonly claim: Claim
  readonly reward: GrantedReward
  /** Its index in the rewards of the claim. */
  readonly index: number
}

/** A change of a wallet: a grant or its revocation. */
export interface Booking extends Grant {
  readonly direction: LedgerEntry['direction']
}

/** The properties of a standing grant (one that is not revoked) that conditions can count. */
export type StandingGrant = Required<Pick<Claim, 'userId' | 'eventId' | 'period' | 'grantedAt'>>

export interface ClaimFilter {
  readonly eventId?: string
  readonly userId?: string
  readonly status?: ClaimStatus
  readonly delivery?: DeliveryStatus
  /** `[from, to)`, by creation. */
  readonly from?: Date
  readonly to?: Date
  /** `[grantedFrom, grantedTo)`, by the time of the grant. */
  readonly grantedFrom?: Date
  readonly grantedTo?: Date
}

/** The number of claims of one event with one status. */
export interface StatusCount {
  readonly eventId: string
  readonly status: ClaimStatus
  readonly count: number
}

export interface ClaimQueries {
  find: (id: string) => Promise<Claim | null>
  /** Returns the claims with these keys that exist, by id. A claim that cannot be read is `Failed`. */
  findMany: (keys: readonly ClaimKey[]) => Promise<ReadonlyMap<string, Claim | Failed>>
  /** Returns the statuses of the claims with these keys that exist, by id. */
  statusesOf: (keys: readonly ClaimKey[]) => Promise<ReadonlyMap<string, ClaimStatus>>
  /** Yields the ids of all users who were ever granted a claim, each once, at most this many at a time. */
  usersWithGrants: (size: number) => AsyncGenerator<string[]>
  /**
   * Returns a page, ordered by the time of the grant if the filter contains one, otherwise by creation. This list, the
   * other lists and the wallet omit claims that cannot be read.
   */
  list: (filter: ClaimFilter, query: ListQuery) => Promise<PageOf<Claim>>
  /** Yields all claims of a filter in pages, in the order of `list`, oldest first. */
  scan: (filter: ClaimFilter) => AsyncGenerator<Claim[], void>
  /** Returns the rewards of each standing grant of a user. */
  grantsOf: (userId: string) => Promise<Array<readonly GrantedReward[]>>
  /** Returns the standing grants of these users whose instant is in `[from, to)`. */
  standingGrants: (userIds: readonly string[], from: Date, to: Date) => Promise<readonly StandingGrant[]>
  /** Returns a page of the rewards of this type that a user was ever granted, by the time of the grant. */
  listGrants: (userId: string, query: ListQuery, type: GrantedReward['type']) => Promise<PageOf<Grant>>
  /** Returns a page of the grants and revocations of a user, each at its own time. */
  listBookings: (userId: string, query: ListQuery) => Promise<PageOf<Booking>>
  /** Counts the claims of all events by status, or those that were granted in `[grantedFrom, grantedTo)`. */
  countAll: (range: Pick<ClaimFilter, 'grantedFrom' | 'grantedTo'>) => Promise<StatusCount[]>
  statsOf: (event: CountedEvent) => Promise<ClaimCounts>
  /**
   * Counts the claims that hold the rewards of an event, and those that hold them for a review.
   * @param stockPeriod counts only claims that use the stock of this period.
   */
  countHeld: (event: CountedEvent, stockPeriod?: string) => Promise<UnitCounts>
}

export function createClaimQueries (
  claims: Collection<ClaimDocument>, countGrants: CountGrants, onUnreadable: OnUnreadable
): ClaimQueries {
  const byOutcome = { hint: 'event_by_outcome', ...timeLimit }

  async function countOthers (eventId: string): Promise<Map<ClaimStatus, number>> {
    const statuses = ['PENDING', 'REJECTED', 'FAILED', 'REVOKED'] as const
    // To count one range of the index is twice as fast as to group several.
    return new Map(await Promise.all(statuses.map(async status =>
      [status, await claims.countDocuments({ eventId, status }, byOutcome)] as const)))
  }

  async function countPeriod (eventId: string, stockPeriod: string): Promise<UnitCounts> {
    const own = { eventId, stockPeriod }
    const [granted, held] = await Promise.all([
      claims.countDocuments({ ...own, status: { $in: ['GRANTED', 'REVOKED'] } }, timeLimit),
      claims.countDocuments({ ...own, status: 'PENDING' }, timeLimit)
    ])
    return { granted, held }
  }

  function grantsIn (row: ClaimDocument): Grant[] {
    return readRows([row], readClaim, onUnreadable).flatMap(claim =>
      claim.rewards.map((reward, index) => ({ claim, reward, index })))
  }

  return {
    async find (id) {
      const found = await claims.findOne(withIds([id]), readById)
      return found === null ? null : readClaim(found)
    },
    async findMany (keys) {
      if (keys.length === 0) return new Map()
      const rows = await claims.find(withIds(keys.map(claimId)), readById).toArray()
      return new Map(rows.map(row => [row._id, isolate(() => readClaim(row))]))
    },
    async statusesOf (keys) {
      const options = { projection: { status: 1 }, ...readById }
      const rows = await claims.find(withIds(keys.map(claimId)), options).toArray()
      return new Map(rows.map(({ _id, status }) => [_id, status]))
    },
    usersWithGrants: size => distinctUsers(claims, 'user_by_grant', { grantedAt: { $exists: true } }, size),
    async list (filter, query) {
      const page = await findPage(claims, toFilter(filter), query, orderOf(filter))
      return { data: readRows(page.data, readClaim, onUnreadable), nextCursor: page.nextCursor }
    },
    async * scan (filter) {
      for await (const rows of scanRows(claims, toFilter(filter), orderOf(filter))) {
        yield readRows(rows, readClaim, onUnreadable)
      }
    },
    async grantsOf (userId) {
      const filter: Filter<ClaimDocument> = { userId, grantedAt: { $exists: true }, status: 'GRANTED' }
      const rows = await claims.find(filter, { projection: { rewards: 1 }, ...timeLimit }).toArray()
      return readRows(rows, row => {
        checkRewards(row)
        return row.rewards
      }, onUnreadable)
    },
    async standingGrants (userIds, from, to) {
      const filter = { userId: { $in: [...userIds] }, grantedAt: { $gte: from, $lt: to }, status: 'GRANTED' } as const
      const projection = { _id: 0, userId: 1, eventId: 1, period: 1, grantedAt: 1 }
      return await claims
        .find(filter, { hint: 'user_by_grant', batchSize: 10_000, ...timeLimit })
        .project<StandingGrant>(projection)
        .toArray()
    },
    async listGrants (userId, query, type) {
      const filter: Filter<ClaimDocument> = { userId, grantedAt: { $exists: true }, 'rewards.type': type }
      const entriesOf = (row: ClaimDocument): Grant[] => grantsIn(row).filter(({ reward }) => reward.type === type)
      return await findEntryPage(claims, [{ filter, by: 'grantedAt', entriesOf }], query)
    },
    async listBookings (userId, query) {
      const bookings = (by: 'grantedAt' | 'revokedAt', direction: Booking['direction']) => ({
        filter: { userId, [by]: { $exists: true } } as Filter<ClaimDocument>,
        by,
        entriesOf: (row: ClaimDocument): Booking[] => grantsIn(row).map(grant => ({ ...grant, direction }))
      })
      const sources = [bookings('grantedAt', 'CREDIT'), bookings('revokedAt', 'DEBIT')]
      return await findEntryPage(claims, sources, query)
    },
    async countAll ({ grantedFrom, grantedTo }) {
      const found = await claims.aggregate<{ _id: Omit<StatusCount, 'count'>, count: number }>([
        { $match: grantedFrom === undefined && grantedTo === undefined ? {} : grantedIn(grantedFrom, grantedTo) },
        { $group: { _id: { eventId: '$eventId', status: '$status' }, count: { $sum: 1 } } }
      ], byOutcome).toArray()
      return found.map(({ _id, count }) => ({ ..._id, count }))
    },
    async statsOf (event) {
      const byStatus = await countOthers(event.id)
      // Read later, so that it includes the grants of all claims that were counted as revoked.
      const days = await countGrants(event)
      return { byStatus: byStatus.set('GRANTED', totalOf(days) - (byStatus.get('REVOKED') ?? 0)), days }
    },
    async countHeld (event, stockPeriod) {
      if (stockPeriod !== undefined) return await countPeriod(event.id, stockPeriod)
      const [days, held] = await Promise.all([
        countGrants(event),
        claims.countDocuments({ eventId: event.id, status: 'PENDING' }, timeLimit)
      ])
      return { granted: totalOf(days), held }
    }
  }
}

/** The filter also bounds the first fields of `event_by_outcome`, so that MongoDB reads only the index. */
function grantedIn (from: Date | undefined, to: Date | undefined): Filter<ClaimDocument> {
  return { eventId: { $gte: '' }, status: { $in: ['GRANTED', 'REVOKED'] }, ...dateRange('grantedAt', from, to) }
}

/** Every claim was created later. */
const beforeAll = new Date(0)

function toFilter (filter: ClaimFilter): Filter<ClaimDocument> {
  const { eventId, userId, status, delivery, to, grantedFrom, grantedTo } = filter
  // The indexes of the rarer statuses start with `createdAt`. MongoDB considers them only for a condition on it.
  const isRare = status !== undefined && status !== 'GRANTED' && orderOf(filter) === 'grantedAt'
  const { from = isRare ? beforeAll : undefined } = filter
  return {
    $and: [
      {
        ...(eventId === undefined ? {} : { eventId }),
        ...(userId === undefined ? {} : { userId }),
        ...(status === undefined ? {} : { status }),
        ...dateRange('createdAt', from, to),
        ...dateRange('grantedAt', grantedFrom, grantedTo)
      },
      delivery === undefined ? {} : deliveryFilters[delivery]
    ]
  }
}

/** A delivery is stored when it is reported. Only granted claims have a delivery. */
const deliveryFilters: Readonly<Record<DeliveryStatus, Filter<ClaimDocument>>> = {
  PENDING: { 'delivery.status': { $exists: false }, status: { $in: ['GRANTED', 'REVOKED'] } },
  DELIVERED: { 'delivery.status': 'DELIVERED' },
  FAILED: { 'delivery.status': 'FAILED' }
}

/** Returns the date by which the claims of a filter are ordered. */
function orderOf ({ grantedFrom, grantedTo }: ClaimFilter): 'grantedAt' | 'createdAt' {
  return grantedFrom === undefined && grantedTo === undefined ? 'createdAt' : 'grantedAt'
}
