import type { ClaimStatus } from '@laurel/shared/contracts'
import type { Document } from 'mongodb'
import type { Attempt, Claim, HistoryEntry } from '../domain/claim.ts'
import type { Attempts, ClaimKey } from './claims.ts'

/** A claim as it is stored. */
export interface ClaimDocument extends Omit<Claim, 'id'> {
  _id: string
  /** The batch that wrote the row last: shows after a lost answer whose write it was. */
  writtenBy: string
}

/** Of repeated refusals the first and this many of the last are kept; `attempts` counts them all. */
const keptRefusals = 20

/** Event ids and periods have no underscore, so the parts can be told apart whatever a user's id is made of. */
export function claimId ({ eventId, userId, period }: ClaimKey): string {
  return `${eventId}_${userId}_${period}`
}

function entryOf (attempt: Attempt, from: ClaimStatus | null): HistoryEntry {
  const { at, userId: by, role, status, refusal, requestId } = attempt
  return { at, by, role, from, to: status, ...(refusal === undefined ? {} : { code: refusal }), requestId }
}

/** The attempts that happened: of a grant only the first, of a refusal each. */
function counted (attempts: Attempts): readonly Attempt[] {
  return attempts[0].refusal === undefined ? [attempts[0]] : attempts
}

/** What every write of a decision sets, whether the row is new or moves on. */
function outcomeOf ({ status, refusal, progress, rewards, idempotencyKey, slot, at }: Attempt, writtenBy: string) {
  return {
    status,
    ...(refusal === undefined ? {} : { code: refusal }),
    progress,
    rewards,
    ...(slot === undefined ? {} : { slot }),
    ...(status === 'GRANTED' ? { grantedAt: at } : {}),
    ...(refusal === undefined && idempotencyKey !== undefined ? { grantKey: idempotencyKey } : {}),
    updatedAt: at,
    writtenBy
  }
}

/** The row of a claim that is asked for the first time. */
export function newRow (attempts: Attempts, writtenBy: string): ClaimDocument {
  const [first] = attempts
  const [, ...again] = counted(attempts)
  const { eventId, userId, period, at } = first
  return {
    _id: claimId(first),
    eventId,
    userId,
    period,
    ...outcomeOf(first, writtenBy),
    attempts: again.length + 1,
    history: [entryOf(first, null), ...again.slice(-keptRefusals).map(attempt => entryOf(attempt, 'FAILED'))],
    createdAt: at
  }
}

/** Every value as a literal: text that begins with a dollar sign stays text inside an aggregation. */
function literals (values: Readonly<Record<string, unknown>>): Document {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { $literal: value }]))
}

/** Moves a refused row on, with its own instant in its history. */
export function moveOn (attempts: Attempts, writtenBy: string): Document[] {
  const [first] = attempts
  const entries = counted(attempts).map(attempt => entryOf(attempt, 'FAILED'))
  const kept = first.refusal === undefined ? keptRefusals + 1 : keptRefusals
  const later = { $slice: ['$history', 1, { $max: [1, { $size: '$history' }] }] }
  const history = {
    $concatArrays: [
      { $slice: ['$history', 1] },
      { $slice: [{ $concatArrays: [later, { $literal: entries }] }, -kept] }
    ]
  }
  const gone = first.refusal === undefined ? [{ $unset: 'code' }] : []
  return [{ $set: { ...literals(outcomeOf(first, writtenBy)), attempts: { $add: ['$attempts', entries.length] }, history } }, ...gone]
}
