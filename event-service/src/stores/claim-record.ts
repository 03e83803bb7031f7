import { setTimeout as sleep } from 'node:timers/promises'
import { DomainError } from '@laurel/shared/errors'
import { timeLimit, insertIsolated, isDuplicateKeyError } from '@laurel/shared/mongo'
import { randomUUID } from 'node:crypto'
import type { Collection } from 'mongodb'
import { Failed, isolate, isolateAsync, zip } from '../batch.ts'
import type { FinalClaim } from '../domain/claim.ts'
import { requireRecent } from '../domain/decision-age.ts'
import type { Refusal } from '../domain/refusals.ts'
import {
  claimId, newClaimDocument, readById, readClaim, toClaim, updateOfRefused, withIds, type Attempts, type ClaimDocument
} from './claim-documents.ts'

/** The outcome of the attempts for one claim. */
export type Recorded =
  /** The first attempt succeeded: the claim is granted or pending. */
  | { readonly type: 'accepted', readonly claim: FinalClaim }
  /** The refusals were added to the claim's history. */
  | { readonly type: 'refused', readonly code: Refusal }
  /** The claim is already final because of an earlier decision. */
  | { readonly type: 'final', readonly claim: FinalClaim }
  /** Another claim holds the slot. Nothing was written. */
  | { readonly type: 'collided' }
  | Failed

/**
 * Writes the decisions, except for claims that are already final. Each refused attempt gets an entry in the history.
 * There is one conditional write per claim; all new claims are written in one command. Only this write decides a race.
 * Throws a 503 if a decision is too old to be written, or if it is not known which claims were written; then some of
 * them may exist.
 * @param batch one entry per claim.
 * @returns one outcome per claim, in their order. If a claim cannot be written, only this claim fails. It fails with
 * 503 if the winning claim does not become visible within 2 seconds.
 */
export type RecordClaims = (batch: readonly Attempts[]) => Promise<Recorded[]>

/** How long a write may take to become visible to a majority read, in milliseconds. */
const visibleWithin = 2000
const pollInterval = 20

/** The names of the unique indexes on the slots of an event or a period. */
const slotIndexes = ['event_slot', 'event_period_slot']

export function createRecordClaims (claims: Collection<ClaimDocument>): RecordClaims {
  /** Updates a refused claim. Returns `lost` if the claim is final, and `collided` if the slot is taken. */
  async function update (attempts: Attempts, writtenBy: string): Promise<Recorded | 'lost'> {
    const { eventId, at } = attempts[0]
    const filter = { _id: claimId(attempts[0]), eventId, status: 'FAILED' } as const
    try {
      requireRecent(at, new Date())
      const options = { returnDocument: 'after', ...timeLimit } as const
      const stored = await claims.findOneAndUpdate(filter, updateOfRefused(attempts, writtenBy), options)
      return stored === null ? 'lost' : toRecorded(attempts, stored)
    } catch (error) {
      return isDuplicateKeyError(error) ? { type: 'collided' } : new Failed(error)
    }
  }

  /** Finds final claims. Retries until a majority has acknowledged the other write, for at most 2 seconds. */
  async function findFinal (ids: readonly string[]): Promise<ReadonlyMap<string, ClaimDocument>> {
    const givesUpAt = Date.now() + visibleWithin
    const found = new Map<string, ClaimDocument>()
    while (true) {
      const missing = ids.filter(id => !found.has(id))
      for (const stored of await claims.find(withIds(missing), readById).toArray()) {
        if (stored.status !== 'FAILED') found.set(stored._id, stored)
      }
      if (found.size === ids.length || Date.now() > givesUpAt) return found
      await sleep(pollInterval)
    }
  }

  /** Replaces `lost` with the winning claim. */
  async function resolveLost (
    outcomes: ReadonlyArray<readonly [Attempts, Recorded | 'lost']>, writtenBy: string
  ): Promise<Recorded[]> {
    const lost = outcomes.filter(([, outcome]) => outcome === 'lost')
    const ids = lost.map(([[first]]) => claimId(first))
    const found = ids.length === 0 ? noDocuments : await isolateAsync(async () => await findFinal(ids))
    return outcomes.map(([attempts, outcome]) => {
      if (outcome !== 'lost') return outcome
      return found instanceof Failed ? found : winnerOf(attempts, found.get(claimId(attempts[0])), writtenBy)
    })
  }

  return async batch => {
    const writtenBy = randomUUID()
    const documents = batch.map(attempts => newClaimDocument(attempts, writtenBy))
    const now = new Date()
    for (const [{ at }] of batch) requireRecent(at, now)
    const { collisions, failures } = await insertIsolated(claims, documents)
    const outcomes = new Map<number, Recorded | 'lost'>(failures.map(({ index, error }) => [index, new Failed(error)]))
    await Promise.all(collisions.map(async ({ index, indexName }) => {
      // MongoDB checks `_id` first. If the index of a slot collides, this claim is not stored yet. No other index is
      // unique, so any other collision is one on `_id`.
      const isSlotTaken = slotIndexes.includes(indexName)
      outcomes.set(index, isSlotTaken ? { type: 'collided' } : await update(batch[index] as Attempts, writtenBy))
    }))
    const recorded = zip(batch, documents).map(([attempts, document], index) =>
      [attempts, outcomes.get(index) ?? toRecorded(attempts, document)] as const)
    return await resolveLost(recorded, writtenBy)
  }
}

const noDocuments: ReadonlyMap<string, ClaimDocument> = new Map()

/** Returns the outcome of attempts that lost the race against this claim. */
function winnerOf (attempts: Attempts, winner: ClaimDocument | undefined, writtenBy: string): Recorded {
  if (winner === undefined) return new Failed(notVisible())
  // This batch wrote the claim itself: the statement was executed twice.
  if (winner.writtenBy === writtenBy) return toRecorded(attempts, winner)
  return isolate(() => ({ type: 'final', claim: readClaim(winner) as FinalClaim }))
}

/** Returns the outcome of attempts that were written to this claim. */
function toRecorded ([{ refusal }]: Attempts, written: ClaimDocument): Recorded {
  if (refusal !== undefined) return { type: 'refused', code: refusal }
  return { type: 'accepted', claim: toClaim(written) as FinalClaim }
}

function notVisible (): DomainError {
  const message = 'The same claim is being decided; retry after 1 second.'
  return new DomainError('unavailable', 'SERVICE_UNAVAILABLE', message, { retryAfter: 1 })
}
