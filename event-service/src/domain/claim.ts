import type { CallerRole, Claim as PublicClaim, ClaimStatus, GrantedReward, Progress } from '@laurel/shared/contracts'
import { DomainError } from '@laurel/shared/errors'
import { fold } from './condition.ts'
import { claimEnd, type RewardEvent } from './event.ts'
import type { Evidence } from './evidence.ts'
import { belongsTo, periodAt } from './period.ts'
import { toGrant } from './reward.ts'

export interface HistoryEntry {
  readonly at: Date
  readonly by: string
  readonly role: CallerRole
  readonly from: ClaimStatus | null
  readonly to: ClaimStatus
  readonly code?: string
  readonly note?: string
  readonly requestId: string
}

/**
 * One row a (event, user, period). It is made once and then only moves forward: FAILED may become GRANTED or PENDING,
 * PENDING becomes GRANTED or REJECTED, nothing goes back.
 */
export interface Claim {
  readonly id: string
  readonly eventId: string
  readonly userId: string
  readonly period: string
  readonly status: ClaimStatus
  /** Why it was refused. */
  readonly code?: string
  /** The evidence at the last decision. */
  readonly progress: Progress | null
  readonly rewards: readonly GrantedReward[]
  readonly attempts: number
  readonly history: readonly HistoryEntry[]
  /** Of an event with limited rewards: the number of the unit that it holds, unique in the event. */
  readonly slot?: number
  /** The number that a rejection gives back, until it is on sale again. */
  readonly releasing?: number
  /** When it was granted; stays where the grant is taken back. */
  readonly grantedAt?: Date
  /** The idempotency key of the attempt that succeeded. */
  readonly grantKey?: string
  /** The idempotency key of the review that decided. */
  readonly decisionKey?: string
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** Refusals that the same user may try again. */
export type Refusal = 'EVENT_INACTIVE' | 'EVENT_NOT_STARTED' | 'EVENT_ENDED' | 'NO_REWARDS' | 'CONDITIONS_NOT_MET' | 'OUT_OF_STOCK'

/** What the rules say to a user who asks now. */
export interface Decision {
  readonly status: 'GRANTED' | 'PENDING' | 'FAILED'
  /** Where the status is FAILED. */
  readonly refusal?: Refusal
  readonly period: string
  readonly progress: Progress | null
  readonly rewards: readonly GrantedReward[]
}

/** One request for a reward with what was decided about it. */
export interface Attempt extends Decision {
  readonly eventId: string
  readonly userId: string
  readonly role: CallerRole
  readonly at: Date
  readonly requestId: string
  readonly idempotencyKey?: string
  /** Of an event with limited rewards: the number of the unit that it takes. */
  readonly slot?: number
}

/**
 * Decides on plain data and a given clock; writes nothing. Whether something limited is left is not asked here.
 * @param evidence the user's own; activities of other types, periods or events are passed over.
 */
export function decide (event: RewardEvent, { activities, before }: Evidence, now: Date): Decision {
  const period = periodAt(event, now)
  const own = activities.filter(({ occurredAt }) => belongsTo(period, occurredAt, event))
  const progress = event.condition === null ? null : fold(event.condition, own, event.timeZone, before)
  const refusal = refusalOf(event, progress, now)
  return refusal === undefined
    ? { status: event.grantMode === 'REVIEW' ? 'PENDING' : 'GRANTED', period: period.name, progress, rewards: event.rewards.map(toGrant) }
    : { status: 'FAILED', refusal, period: period.name, progress, rewards: [] }
}

/** What becomes of a decision to grant where the last unit is gone. */
export function withoutStock (decision: Decision): Decision {
  return { ...decision, status: 'FAILED', refusal: 'OUT_OF_STOCK', rewards: [] }
}

/**
 * What a claim would be answered, were the event ACTIVE: its dates count, its status does not.
 * @param evidence where `at` is given, everything the user did, nothing counted before.
 * @param at an instant other than now: then only what had happened by then counts.
 */
export function evaluate (event: RewardEvent, evidence: Evidence, now: Date, at?: Date): Decision {
  const known = at === undefined ? evidence : { activities: evidence.activities.filter(({ occurredAt }) => occurredAt <= at) }
  return decide({ ...event, status: 'ACTIVE' }, known, at ?? now)
}

function refusalOf (event: RewardEvent, progress: Progress | null, now: Date): Refusal | undefined {
  if (event.status !== 'ACTIVE') return 'EVENT_INACTIVE'
  if (now < event.startsAt) return 'EVENT_NOT_STARTED'
  if (now >= claimEnd(event)) return 'EVENT_ENDED'
  if (event.rewards.length === 0) return 'NO_REWARDS'
  if (progress !== null && !progress.met) return 'CONDITIONS_NOT_MET'
  return undefined
}

/** A claim that was decided for good: it cannot be asked for again. */
export type SettledClaim = Claim & { readonly status: Exclude<ClaimStatus, 'FAILED'> }

export function isSettled (claim: Claim): claim is SettledClaim {
  return claim.status !== 'FAILED'
}

/** Why it cannot be asked for again. */
export function settledCode ({ status }: SettledClaim): 'ALREADY_CLAIMED' | 'CLAIM_REJECTED' | 'CLAIM_REVOKED' {
  switch (status) {
    case 'GRANTED':
    case 'PENDING': return 'ALREADY_CLAIMED'
    case 'REJECTED': return 'CLAIM_REJECTED'
    case 'REVOKED': return 'CLAIM_REVOKED'
  }
}

/** What a claim of this user would be refused with, where it would be. */
export function codeOf (decision: Decision, claim: Claim | null): string | undefined {
  return claim !== null && isSettled(claim) ? settledCode(claim) : decision.refusal
}

const sentences: Readonly<Record<Refusal | ReturnType<typeof settledCode>, string>> = {
  EVENT_INACTIVE: 'This event is not active',
  EVENT_NOT_STARTED: 'This event has not started yet',
  EVENT_ENDED: 'The time to ask for this reward is over',
  NO_REWARDS: 'This event has no rewards yet',
  CONDITIONS_NOT_MET: 'The condition is not met yet',
  OUT_OF_STOCK: 'Nothing is left of this reward',
  ALREADY_CLAIMED: 'This reward was asked for already',
  CLAIM_REJECTED: 'This claim was rejected',
  CLAIM_REVOKED: 'This grant was taken back'
}

/** The 409 that tells why, with how far the user has come or with the claim that stands in the way. */
export function refused (code: keyof typeof sentences, members: { readonly progress: Progress | null, readonly claim?: PublicClaim }): DomainError {
  return new DomainError('conflict', code, sentences[code], { members })
}

export function claimNotFound (): DomainError {
  return new DomainError('not-found', 'CLAIM_NOT_FOUND', 'There is no such claim')
}
