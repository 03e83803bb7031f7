import { Claim as ClaimSchema, type ClaimStatus } from '@laurel/shared/contracts'
import { createDocumentCheck, StoredDate, timeLimit } from '@laurel/shared/mongo'
import type { Document, Filter } from 'mongodb'
import type { Claim, HistoryEntry } from '../domain/claim.ts'
import type { Attempt } from '../domain/decision.ts'
import { outboxOf, type OutboxFields } from './outbox.ts'

export type ClaimKey = Pick<Claim, 'eventId' | 'userId' | 'period'>

/** Requests of one batch for one claim, with the same decision, in the order in which they arrived. */
export type Attempts = readonly [Attempt, ...Attempt[]]

/** A stored claim. */
export interface ClaimDocument extends Omit<Claim, 'id'>, OutboxFields {
  _id: string
  /**
   * The batch that made the last decision about a claim request. If a statement is executed twice, the batch recognizes
   * its own claim. With `retryWrites`, MongoDB normally recognizes the repetition itself, but its record of the first
   * execution can expire or be lost, and another layer can send a statement again.
   */
  writtenBy: string
}

/** The history keeps the first refusal and this many of the most recent ones. `attempts` counts all of them. */
const keptRefusals = 20

/** Event ids and periods contain no underscores, so the parts are unambiguous even if a user id contains one. */
export function claimId ({ eventId, userId, period }: ClaimKey): string {
  return `${eventId}_${userId}_${period}`
}

/** Returns the event in the id of a claim. */
export function eventIdOf (id: string): string {
  return id.slice(0, id.indexOf('_'))
}

/**
 * Returns the filter of claims with these ids. It includes the events, so that only the necessary shards are queried.
 */
export function withIds (ids: readonly string[]): Filter<ClaimDocument> {
  return { _id: { $in: [...ids] }, eventId: { $in: [...new Set(ids.map(eventIdOf))] } }
}

/** For `withIds`. Otherwise, MongoDB would consider the indexes on `eventId`. */
export const readById = { hint: '_id_', ...timeLimit } as const

const { properties } = ClaimSchema
const { history } = properties
const entry = history.items.properties

const checkClaim = createDocumentCheck('claims', {
  eventId: properties.eventId,
  userId: properties.userId,
  period: properties.period,
  status: properties.status,
  progress: properties.progress,
  rewards: properties.rewards,
  attempts: properties.attempts,
  history: {
    type: 'array',
    items: {
      type: 'object',
      required: ['at', 'by', 'role', 'from', 'to', 'requestId'],
      properties: { ...entry, at: StoredDate }
    }
  },
  createdAt: StoredDate,
  updatedAt: StoredDate
}, {
  code: properties.code,
  slot: { type: 'integer' },
  periodSlot: { type: 'integer' },
  stockPeriod: properties.period,
  releasing: { type: 'integer' },
  grantedAt: StoredDate,
  revokedAt: StoredDate
})

/** Throws `UnreadableDocumentError` if the document does not match its schema. */
export function readClaim (document: ClaimDocument): Claim {
  checkClaim(document)
  return toClaim(document)
}

/** Throws `UnreadableDocumentError` if the rewards of a document do not match their schema. */
export const checkRewards = createDocumentCheck('claims', { rewards: properties.rewards })

/** Returns the claim in a document that this process wrote or checked. */
export function toClaim ({ _id, writtenBy, outbox, outboxSince, ...fields }: ClaimDocument): Claim {
  return { id: _id, ...fields }
}

/** Returns the document of a new claim. */
export function newClaimDocument (attempts: Attempts, writtenBy: string): ClaimDocument {
  const [first] = attempts
  const [, ...repeated] = countedAttempts(attempts)
  const { eventId, userId, period, at } = first
  return {
    _id: claimId(first),
    eventId,
    userId,
    period,
    ...decisionFields(first, writtenBy),
    attempts: repeated.length + 1,
    history: [toEntry(first, null), ...repeated.slice(-keptRefusals).map(attempt => toEntry(attempt, 'FAILED'))],
    createdAt: at
  }
}

/** Returns the update of a refused document for later attempts. Each attempt gets its own entry in the history. */
export function updateOfRefused (attempts: Attempts, writtenBy: string): Document[] {
  const [first] = attempts
  const entries = countedAttempts(attempts).map(attempt => toEntry(attempt, 'FAILED'))
  const kept = first.refusal === undefined ? keptRefusals + 1 : keptRefusals
  const later = { $slice: ['$history', 1, { $max: [1, { $size: '$history' }] }] }
  const history = {
    $concatArrays: [
      { $slice: ['$history', 1] },
      { $slice: [{ $concatArrays: [later, { $literal: entries }] }, -kept] }
    ]
  }
  const fields = asLiterals(decisionFields(first, writtenBy))
  const removed = first.refusal === undefined ? [{ $unset: 'code' }] : []
  return [{ $set: { ...fields, attempts: { $add: ['$attempts', entries.length] }, history } }, ...removed]
}

/** Returns the update from one state of a claim to another. */
export function changeOf (before: Claim, after: Claim): { $set: Partial<ClaimDocument>, $unset: Record<string, ''> } {
  const { id, ...fields } = after
  const removed = Object.keys(before).filter(name => !(name in after))
  return { $set: fields, $unset: Object.fromEntries(removed.map(name => [name, ''])) }
}

function toEntry (attempt: Attempt, from: ClaimStatus | null): HistoryEntry {
  const { at, userId, role, status, refusal, requestId, manualGrant } = attempt
  return {
    at,
    by: manualGrant?.operatorId ?? userId,
    role,
    from,
    to: status,
    ...(refusal === undefined ? {} : { code: refusal }),
    ...(manualGrant === undefined ? {} : { note: manualGrant.note }),
    requestId
  }
}

/** If the requests are granted, only the first one counts as an attempt. If they are refused, all of them count. */
function countedAttempts (attempts: Attempts): readonly Attempt[] {
  return attempts[0].refusal === undefined ? [attempts[0]] : attempts
}

/** Returns the fields that every write of a decision sets, in a new document and in an update. */
function decisionFields (attempt: Attempt, writtenBy: string) {
  const { status, refusal, progress, rewards, idempotencyKey, slot, periodSlot, stockPeriod, at, manualGrant } = attempt
  return {
    status,
    ...outboxOf(attempt.outboxEntry),
    ...(refusal === undefined ? {} : { code: refusal }),
    ...(manualGrant === undefined ? {} : { grantedBy: manualGrant.operatorId }),
    progress,
    rewards,
    ...(slot === undefined ? {} : { slot }),
    ...(periodSlot === undefined ? {} : { periodSlot }),
    ...(stockPeriod === undefined || refusal !== undefined ? {} : { stockPeriod }),
    ...(status === 'GRANTED' ? { grantedAt: at } : {}),
    ...(refusal === undefined && idempotencyKey !== undefined ? { grantKey: idempotencyKey } : {}),
    updatedAt: at,
    writtenBy
  }
}

/** Wraps every value in `$literal`, so that an aggregation does not interpret a string with a leading dollar sign. */
function asLiterals (values: Readonly<Record<string, unknown>>): Document {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { $literal: value }]))
}
