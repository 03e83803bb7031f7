import type { ClaimStatus, DeliveryStatus } from '@laurel/shared/contracts'
import {
  dateRange, findPage, readDocuments, scanDocuments, type ListQuery, type OnUnreadable, type PageOf
} from '@laurel/shared/mongo'
import type { Collection, Filter } from 'mongodb'
import { isolate, type Failed } from '../batch.ts'
import type { Claim } from '../domain/claim.ts'
import { grantedStatuses } from '../domain/claim-status.ts'
import { claimId, readById, readClaim, withIds, type ClaimDocument, type ClaimKey } from './claim-documents.ts'

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

export interface ClaimQueries {
  find: (id: string) => Promise<Claim | null>
  /** Returns the claims with these keys that exist, by id. A claim that cannot be read is `Failed`. */
  findMany: (keys: readonly ClaimKey[]) => Promise<ReadonlyMap<string, Claim | Failed>>
  /** Returns the statuses of the claims with these keys that exist, by id. */
  statusesOf: (keys: readonly ClaimKey[]) => Promise<ReadonlyMap<string, ClaimStatus>>
  /**
   * Returns a page, ordered by the time of the grant if the filter contains one, otherwise by creation. This list, the
   * other lists and the wallet omit claims that cannot be read.
   */
  list: (filter: ClaimFilter, query: ListQuery) => Promise<PageOf<Claim>>
  /** Yields all claims of a filter in pages, in the order of `list`, oldest first. */
  scan: (filter: ClaimFilter) => AsyncGenerator<Claim[], void>
}

export function createClaimQueries (claims: Collection<ClaimDocument>, onUnreadable: OnUnreadable): ClaimQueries {
  return {
    async find (id) {
      const found = await claims.findOne(withIds([id]), readById)
      return found === null ? null : readClaim(found)
    },
    async findMany (keys) {
      if (keys.length === 0) return new Map()
      const stored = await claims.find(withIds(keys.map(claimId)), readById).toArray()
      return new Map(stored.map(document => [document._id, isolate(() => readClaim(document))]))
    },
    async statusesOf (keys) {
      const options = { projection: { status: 1 }, ...readById }
      const stored = await claims.find(withIds(keys.map(claimId)), options).toArray()
      return new Map(stored.map(({ _id, status }) => [_id, status]))
    },
    async list (filter, query) {
      const page = await findPage(claims, toFilter(filter), query, orderOf(filter))
      return { data: readDocuments(page.data, readClaim, onUnreadable), nextCursor: page.nextCursor }
    },
    async * scan (filter) {
      for await (const documents of scanDocuments(claims, toFilter(filter), orderOf(filter))) {
        yield readDocuments(documents, readClaim, onUnreadable)
      }
    }
  }
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
  PENDING: { 'delivery.status': { $exists: false }, status: { $in: grantedStatuses } },
  DELIVERED: { 'delivery.status': 'DELIVERED' },
  FAILED: { 'delivery.status': 'FAILED' }
}

/** Returns the date by which the claims of a filter are ordered. */
function orderOf ({ grantedFrom, grantedTo }: ClaimFilter): 'grantedAt' | 'createdAt' {
  return grantedFrom === undefined && grantedTo === undefined ? 'createdAt' : 'grantedAt'
}
