import { setTimeout as sleep } from 'node:timers/promises'
import type { ClaimStatus, GrantedReward } from '@laurel/shared/contracts'
import { DomainError } from '@laurel/shared/errors'
import { bounded, findPage, inTransaction, isDuplicateKey, type ListQuery, type PageOf } from '@laurel/shared/mongo'
import { randomUUID } from 'node:crypto'
import type { Db, Document, Filter } from 'mongodb'
import { isSettled, type Attempt, type Claim, type HistoryEntry, type SettledClaim } from '../domain/claim.ts'
import { auditOfReview, checkReviewer, reviewed, type Review } from '../domain/review.ts'
import type { AuditStore } from './audits.ts'

interface ClaimDocument extends Omit<Claim, 'id'> {
  _id: string
  /** The attempt that wrote the row last: shows after a lost answer whose write it was. */
  writtenBy: string
}

export interface ClaimFilter {
  readonly eventId?: string
  readonly userId?: string
  readonly status?: ClaimStatus
  /** By creation, `[from, to)`. */
  readonly from?: Date
  readonly to?: Date
}

export type Recorded = { readonly claim: Claim, readonly won: true } | { readonly claim: SettledClaim, readonly won: false }

export interface ClaimStore {
  /**
   * Writes what was decided, where no earlier decision stands: one conditional write, and the only judge of a race.
   * @returns the claim as it is now, and whether this attempt wrote it; where not, a decision stood in the way.
   * @throws {DomainError} 503 where the winner's write is not visible for two seconds.
   */
  record: (attempt: Attempt) => Promise<Recorded>
  find: (id: string) => Promise<Claim | null>
  findOf: (eventId: string, userId: string, period: string) => Promise<Claim | null>
  list: (filter: ClaimFilter, query: ListQuery) => Promise<PageOf<Claim>>
  /** The rewards of every standing grant of a user. */
  grantsOf: (userId: string) => Promise<Array<readonly GrantedReward[]>>
  /** The claims of a user for these (event, period) pairs that are there. */
  findAllOf: (userId: string, keys: ReadonlyArray<{ readonly eventId: string, readonly period: string }>) => Promise<Claim[]>
  /**
   * Decides a claim that waits, with its audit row, or neither; many reviewers at once make one decision.
   * @returns the claim as it is now and whether this review decided it; null where there is none.
   * @throws {DomainError} what `checkReviewer` throws.
   */
  review: (id: string, review: Review) => Promise<{ claim: Claim, decided: boolean } | null>
  /** How many claims of an event hold its rewards, and how many hold them for a review. */
  countHeld: (eventId: string) => Promise<{ granted: number, held: number }>
}

/** Of repeated refusals the first and this many of the last are kept; `attempts` counts them all. */
const keptRefusals = 20
const visibleWithin = 2000

/** Event ids and periods have no underscore, so the parts can be told apart whatever a user's id is made of. */
function claimId (eventId: string, userId: string, period: string): string {
  return `${eventId}_${userId}_${period}`
}

function toClaim ({ _id, writtenBy, ...rest }: ClaimDocument): Claim {
  return { id: _id, ...rest }
}

function entryOf (attempt: Attempt, from: ClaimStatus | null): HistoryEntry {
  const { at, userId: by, role, status, refusal, requestId } = attempt
  return { at, by, role, from, to: status, ...(refusal === undefined ? {} : { code: refusal }), requestId }
}

/** What every write of an attempt sets, whether the row is new or moves on. */
function outcomeOf ({ status, refusal, progress, rewards, idempotencyKey, at }: Attempt, writtenBy: string) {
  return {
    status,
    ...(refusal === undefined ? {} : { code: refusal }),
    progress,
    rewards: [...rewards],
    ...(refusal === undefined && idempotencyKey !== undefined ? { grantKey: idempotencyKey } : {}),
    updatedAt: at,
    writtenBy
  }
}

/** Every value as a literal: text that begins with a dollar sign stays text inside an aggregation. */
function literals (values: Readonly<Record<string, unknown>>): Document {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { $literal: value }]))
}

/** Moves a refused row on, with its own instant in its history. */
function moveOn (attempt: Attempt, writtenBy: string): Document[] {
  const kept = attempt.refusal === undefined ? keptRefusals + 1 : keptRefusals
  const later = { $slice: ['$history', 1, { $max: [1, { $size: '$history' }] }] }
  const history = {
    $concatArrays: [
      { $slice: ['$history', 1] },
      { $slice: [{ $concatArrays: [later, [{ $literal: entryOf(attempt, 'FAILED') }]] }, -kept] }
    ]
  }
  const gone = attempt.refusal === undefined ? [{ $unset: 'code' }] : []
  return [{ $set: { ...literals(outcomeOf(attempt, writtenBy)), attempts: { $add: ['$attempts', 1] }, history } }, ...gone]
}

export function createClaimStore (db: Db, audits: AuditStore): ClaimStore {
  const claims = db.collection<ClaimDocument>('claims')

  async function find (id: string): Promise<Claim | null> {
    const found = await claims.findOne({ _id: id }, bounded)
    return found === null ? null : toClaim(found)
  }

  /** The decision that stood in the way. Its write may not be acknowledged by the majority yet, so it may take a moment to be seen. */
  async function findWinner (id: string, writtenBy: string): Promise<{ claim: SettledClaim, won: boolean }> {
    const givesUpAt = Date.now() + visibleWithin
    while (Date.now() < givesUpAt) {
      const found = await claims.findOne({ _id: id }, bounded)
      const claim = found === null ? null : toClaim(found)
      if (claim !== null && isSettled(claim)) return { claim, won: found?.writtenBy === writtenBy }
      await sleep(20)
    }
    throw new DomainError('unavailable', 'SERVICE_UNAVAILABLE', 'The same claim is being decided', { retryAfter: 1 })
  }

  async function insert (attempt: Attempt, _id: string, writtenBy: string): Promise<Claim | null> {
    const { eventId, userId, period, at } = attempt
    const row: ClaimDocument = {
      _id, eventId, userId, period, ...outcomeOf(attempt, writtenBy), attempts: 1, history: [entryOf(attempt, null)], createdAt: at
    }
    try {
      await claims.insertOne(row, bounded)
      return toClaim(row)
    } catch (error) {
      if (isDuplicateKey(error)) return null
      throw error
    }
  }

  return {
    find,
    findOf: async (eventId, userId, period) => await find(claimId(eventId, userId, period)),
    async record (attempt) {
      const id = claimId(attempt.eventId, attempt.userId, attempt.period)
      const writtenBy = randomUUID()
      const fresh = await insert(attempt, id, writtenBy)
      if (fresh !== null) return { claim: fresh, won: true }

      const moved = await claims.findOneAndUpdate(
        { _id: id, eventId: attempt.eventId, status: 'FAILED' }, moveOn(attempt, writtenBy), { returnDocument: 'after', ...bounded }
      )
      return moved === null ? await findWinner(id, writtenBy) : { claim: toClaim(moved), won: true }
    },
    async list ({ eventId, userId, status, from, to }, query) {
      const filter: Filter<ClaimDocument> = {
        ...(eventId === undefined ? {} : { eventId }),
        ...(userId === undefined ? {} : { userId }),
        ...(status === undefined ? {} : { status }),
        ...(from === undefined && to === undefined ? {} : { createdAt: { ...(from && { $gte: from }), ...(to && { $lt: to }) } })
      }
      const page = await findPage(claims, JSON.stringify(['claims', eventId, userId, status, from, to]), filter, query)
      return { data: page.data.map(toClaim), nextCursor: page.nextCursor }
    },
    async grantsOf (userId) {
      const rows = await claims.find({ userId, status: 'GRANTED' }, { projection: { rewards: 1 }, ...bounded }).toArray()
      return rows.map(({ rewards }) => rewards)
    },
    async findAllOf (userId, keys) {
      const ids = keys.map(({ eventId, period }) => claimId(eventId, userId, period))
      return (await claims.find({ _id: { $in: ids } }, bounded).toArray()).map(toClaim)
    },
    review: async (id, review) => await inTransaction(db, async session => {
      const found = await claims.findOne({ _id: id }, { session, ...bounded })
      if (found === null) return null
      const claim = toClaim(found)
      checkReviewer(claim, review)
      if (claim.status !== 'PENDING') return { claim, decided: false }

      const { id: _, ...decided } = reviewed(claim, review)
      // Whoever writes second is stopped by the server, reads again and finds it decided.
      await claims.updateOne({ _id: id, status: 'PENDING' }, { $set: { ...decided, history: [...decided.history] } }, { session, ...bounded })
      await audits.insert(auditOfReview(id, review), session)
      return { claim: { id, ...decided }, decided: true }
    }),
    async countHeld (eventId) {
      const [granted, held] = await Promise.all([
        claims.countDocuments({ eventId, status: { $in: ['GRANTED', 'REVOKED'] } }, bounded),
        claims.countDocuments({ eventId, status: 'PENDING' }, bounded)
      ])
      return { granted, held }
    }
  }
}
