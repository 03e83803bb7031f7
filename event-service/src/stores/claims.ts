import { setTimeout as sleep } from 'node:timers/promises'
import type { ClaimStatus, GrantedReward } from '@laurel/shared/contracts'
import { DomainError } from '@laurel/shared/errors'
import { dateRange, timeLimit, findEntryPage, findPage, insertUnordered, inTransaction, isDuplicateKeyError, type AuditStore, type ListQuery, type PageOf } from '@laurel/shared/mongo'
import { randomUUID } from 'node:crypto'
import type { Db, Filter } from 'mongodb'
import type { AuditTarget } from '../domain/audit.ts'
import { isFinal, type Attempt, type Claim, type FinalClaim } from '../domain/claim.ts'
import { auditOfReview, checkReviewer, applyReview, type Review } from '../domain/review.ts'
import { claimId, moveOn, newRow, type ClaimDocument } from './claim-rows.ts'

export interface Grant {
  readonly claim: Claim
  readonly reward: GrantedReward
  /** Its place in the claim. */
  readonly index: number
}

export type ClaimKey = Pick<Claim, 'eventId' | 'userId' | 'period'>

export interface ClaimFilter {
  readonly eventId?: string
  readonly userId?: string
  readonly status?: ClaimStatus
  /** By creation, `[from, to)`. */
  readonly from?: Date
  readonly to?: Date
}

/** Attempts of one batch at one claim, with the same decision, in the order in which they came. */
export type Attempts = readonly [Attempt, ...Attempt[]]

/** What became of them: the claim as it is now and whether the first of them wrote it; null where another claim holds the unit that it wanted. */
export type Recorded = { readonly claim: Claim, readonly won: true } | { readonly claim: FinalClaim, readonly won: false } | null

export interface ClaimStore {
  /**
   * Writes what was decided, where no earlier decision stands: one conditional write a claim, all of them in one command
   * where they are new, and the only judge of a race. Of attempts that are refused each is in the history.
   * @param batch one entry a claim. @returns in its order.
   * @throws {DomainError} 503 where a winner's write is not visible for two seconds.
   */
  record: (batch: readonly Attempts[]) => Promise<Recorded[]>
  find: (id: string) => Promise<Claim | null>
  list: (filter: ClaimFilter, query: ListQuery) => Promise<PageOf<Claim>>
  /** The rewards of every standing grant of a user. */
  grantsOf: (userId: string) => Promise<Array<readonly GrantedReward[]>>
  /** The claims for these keys that are there. */
  findAllOf: (keys: readonly ClaimKey[]) => Promise<Claim[]>
  /** Which of these numbers of an event claims hold. */
  slotsHeld: (eventId: string, numbers: readonly number[]) => Promise<Set<number>>
  /** All numbers of an event that claims hold, in order. */
  allSlots: (eventId: string) => AsyncIterable<number>
  /** Rejected claims whose unit is not on sale again yet, and which were decided before an instant. */
  releasing: (before: Date, limit: number) => Promise<Array<{ readonly id: string, readonly eventId: string, readonly slot: number }>>
  /** The unit of a rejected claim is on sale again. */
  noteReleased: (id: string, eventId: string) => Promise<void>
  /**
   * Decides a claim that waits, with its audit row, or neither; many reviewers at once make one decision.
   * @returns the claim as it is now and whether this review decided it; null where there is none.
   * @throws {DomainError} what `checkReviewer` throws.
   */
  review: (id: string, review: Review) => Promise<{ claim: Claim, decided: boolean } | null>
  /** What a user was ever granted, reward by reward, by the time of the grant. */
  listGrants: (userId: string, query: ListQuery, type?: GrantedReward['type']) => Promise<PageOf<Grant>>
  /** How many claims an event has of each status, and how many were granted in each quarter of an hour. */
  statsOf: (eventId: string) => Promise<{ byStatus: ReadonlyMap<ClaimStatus, number>, quarters: ReadonlyArray<{ readonly at: Date, readonly granted: number }> }>
  /** How many claims of an event hold its rewards, and how many hold them for a review. */
  countHeld: (eventId: string) => Promise<{ granted: number, held: number }>
}

const visibleWithin = 2000

function toClaim ({ _id, writtenBy, ...rest }: ClaimDocument): Claim {
  return { id: _id, ...rest }
}

export function createClaimStore (db: Db, audits: AuditStore<AuditTarget>): ClaimStore {
  const claims = db.collection<ClaimDocument>('claims')

  async function find (id: string): Promise<Claim | null> {
    const found = await claims.findOne({ _id: id }, timeLimit)
    return found === null ? null : toClaim(found)
  }

  /** The decisions that stood in the way. A write may not be acknowledged by the majority yet, so it may take a moment to be seen. */
  async function findWinners (ids: readonly string[]): Promise<Map<string, ClaimDocument>> {
    const givesUpAt = Date.now() + visibleWithin
    const found = new Map<string, ClaimDocument>()
    while (found.size < ids.length) {
      const missing = ids.filter(id => !found.has(id))
      for (const row of await claims.find({ _id: { $in: missing } }, timeLimit).toArray()) {
        if (isFinal(toClaim(row))) found.set(row._id, row)
      }
      if (found.size === ids.length) break
      if (Date.now() > givesUpAt) throw new DomainError('unavailable', 'SERVICE_UNAVAILABLE', 'The same claim is being decided', { retryAfter: 1 })
      await sleep(20)
    }
    return found
  }

  /** Moves a refused row on. @returns null where a decision stands there, and 'collided' where its unit is taken. */
  async function update (attempts: Attempts, writtenBy: string): Promise<ClaimDocument | null | 'collided'> {
    const { eventId } = attempts[0]
    try {
      return await claims.findOneAndUpdate(
        { _id: claimId(attempts[0]), eventId, status: 'FAILED' }, moveOn(attempts, writtenBy), { returnDocument: 'after', ...timeLimit }
      )
    } catch (error) {
      if (isDuplicateKeyError(error)) return 'collided'
      throw error
    }
  }

  async function record (batch: readonly Attempts[]): Promise<Recorded[]> {
    const writtenBy = randomUUID()
    const rows = batch.map(attempts => newRow(attempts, writtenBy))
    const recorded: Recorded[] = rows.map(row => ({ claim: toClaim(row), won: true }))
    const collisions = await insertUnordered(claims, rows)
    const lost: number[] = []
    await Promise.all(collisions.map(async ({ index, indexName }) => {
      // `_id` is looked at first: where it is the other index, there is no row of this claim.
      const moved = indexName === 'event_slot' ? 'collided' : await update(batch[index] as Attempts, writtenBy)
      if (moved === null) lost.push(index)
      else recorded[index] = moved === 'collided' ? null : { claim: toClaim(moved), won: true }
    }))
    if (lost.length === 0) return recorded

    const idOf = (index: number): string => (rows[index] as ClaimDocument)._id
    const winners = await findWinners(lost.map(idOf))
    for (const index of lost) {
      const winner = winners.get(idOf(index)) as ClaimDocument
      recorded[index] = { claim: toClaim(winner) as FinalClaim, won: winner.writtenBy === writtenBy } as Recorded
    }
    return recorded
  }

  return {
    find,
    record,
    async list ({ eventId, userId, status, from, to }, query) {
      const filter: Filter<ClaimDocument> = {
        ...(eventId === undefined ? {} : { eventId }),
        ...(userId === undefined ? {} : { userId }),
        ...(status === undefined ? {} : { status }),
        ...dateRange('createdAt', from, to)
      }
      const page = await findPage(claims, JSON.stringify(['claims', eventId, userId, status, from, to]), filter, query)
      return { data: page.data.map(toClaim), nextCursor: page.nextCursor }
    },
    async grantsOf (userId) {
      const rows = await claims.find({ userId, grantedAt: { $exists: true }, status: 'GRANTED' }, { projection: { rewards: 1 }, ...timeLimit }).toArray()
      return rows.map(({ rewards }) => rewards)
    },
    async findAllOf (keys) {
      if (keys.length === 0) return []
      return (await claims.find({ _id: { $in: keys.map(claimId) } }, timeLimit).toArray()).map(toClaim)
    },
    async slotsHeld (eventId, numbers) {
      const held = await claims.find({ eventId, slot: { $in: [...numbers] } }, { projection: { _id: 0, slot: 1 }, ...timeLimit }).toArray()
      return new Set(held.map(({ slot = -1 }) => slot))
    },
    async * allSlots (eventId) {
      const held = claims.find({ eventId, slot: { $exists: true } }, { projection: { _id: 0, slot: 1 } }).sort({ slot: 1 }).hint('event_slot')
      for await (const { slot = -1 } of held) yield slot
    },
    async releasing (before, limit) {
      const found = await claims.find({ releasing: { $gte: 0 }, updatedAt: { $lt: before } }, { projection: { eventId: 1, releasing: 1 }, limit, ...timeLimit }).toArray()
      return found.map(({ _id, eventId, releasing = -1 }) => ({ id: _id, eventId, slot: releasing }))
    },
    async noteReleased (id, eventId) {
      await claims.updateOne({ _id: id, eventId }, { $unset: { releasing: '' } }, timeLimit)
    },
    review: async (id, review) => await inTransaction(db, async session => {
      const found = await claims.findOne({ _id: id }, { session, ...timeLimit })
      if (found === null) return null
      const claim = toClaim(found)
      checkReviewer(claim, review)
      if (claim.status !== 'PENDING') return { claim, decided: false }

      const { id: _, slot, ...decided } = applyReview(claim, review)
      // Whoever writes second is stopped by the server, reads again and finds it decided.
      await claims.updateOne(
        { _id: id, eventId: claim.eventId, status: 'PENDING' },
        { $set: { ...decided, rewards: [...decided.rewards], history: [...decided.history] }, ...(slot === undefined ? { $unset: { slot: '' } } : {}) },
        { session, ...timeLimit }
      )
      await audits.insert(auditOfReview(id, review), session)
      return { claim: { id, ...decided, ...(slot === undefined ? {} : { slot }) }, decided: true }
    }),
    async listGrants (userId, query, type) {
      const filter: Filter<ClaimDocument> = { userId, grantedAt: { $exists: true }, ...(type === undefined ? {} : { 'rewards.type': type }) }
      return await findEntryPage(claims, JSON.stringify(['grants', userId, type]), filter, query, 'grantedAt', row => {
        const claim = toClaim(row)
        return claim.rewards.flatMap((reward, index) => type === undefined || reward.type === type ? [{ claim, reward, index }] : [])
      })
    },
    async statsOf (eventId) {
      const granted = { eventId, status: { $in: ['GRANTED', 'REVOKED'] } }
      const [statuses, quarters] = await Promise.all([
        claims.aggregate<{ _id: ClaimStatus, count: number }>([{ $match: { eventId } }, { $group: { _id: '$status', count: { $sum: 1 } } }], { hint: 'event_by_outcome', ...timeLimit }).toArray(),
        claims.aggregate<{ _id: Date, count: number }>([
          { $match: granted }, { $group: { _id: { $dateTrunc: { date: '$grantedAt', unit: 'minute', binSize: 15 } }, count: { $sum: 1 } } }
        ], { hint: 'event_by_outcome', ...timeLimit }).toArray()
      ])
      return {
        byStatus: new Map(statuses.map(({ _id, count }) => [_id, count])),
        quarters: quarters.map(({ _id, count }) => ({ at: _id, granted: count }))
      }
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
