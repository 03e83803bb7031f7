import type { CallerRole, Claim as PublicClaim, ClaimStatus, GrantedReward, Progress } from '@laurel/shared/contracts'
import { DomainError } from '@laurel/shared/errors'
import { fold, type Activity } from './condition.ts'
import { claimEnd, type RewardEvent } from './event.ts'

export interface HistoryEntry {
  readonly at: Date
  readonly by: string
  readonly role: CallerRole
  readonly from: ClaimStatus | null
  readonly to: ClaimStatus
  readonly code?: string
  readonly requestId: string
}

/** One row a (event, user, period). It is made once and then only moves forward: FAILED may become GRANTED, nothing goes back. */
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
  /** The idempotency key of the attempt that succeeded. */
  readonly grantKey?: string
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** Refusals that the same user may try again. */
export type Refusal = 'EVENT_INACTIVE' | 'EVENT_NOT_STARTED' | 'EVENT_ENDED' | 'NO_REWARDS' | 'CONDITIONS_NOT_MET'

/** What the rules say to a user who asks now. */
export interface Decision {
  /** Absent: granted. */
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
}

/**
 * Decides on plain data and a given clock; writes nothing.
 * @param activities the user's own of the condition's type, within the event.
 */
export function decide (event: RewardEvent, activities: readonly Activity[], now: Date): Decision {
  const progress = event.condition === null ? null : fold(event.condition, activities, event.timeZone)
  const refusal = refusalOf(event, progress, now)
  const period = event.claimPeriod
  return refusal === undefined ? { period, progress, rewards: event.rewards } : { refusal, period, progress, rewards: [] }
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

const sentences: Readonly<Record<Refusal | 'ALREADY_CLAIMED' | 'CLAIM_REJECTED' | 'CLAIM_REVOKED', string>> = {
  EVENT_INACTIVE: 'This event is not active',
  EVENT_NOT_STARTED: 'This event has not started yet',
  EVENT_ENDED: 'The time to ask for this reward is over',
  NO_REWARDS: 'This event has no rewards yet',
  CONDITIONS_NOT_MET: 'The condition is not met yet',
  ALREADY_CLAIMED: 'This reward was asked for already',
  CLAIM_REJECTED: 'This claim was rejected',
  CLAIM_REVOKED: 'This grant was taken back'
}

/** The 409 that tells why, with how far the user has come or with the claim that stands in the way. */
export function refused (code: keyof typeof sentences, members: { readonly progress?: Progress | null, readonly claim?: PublicClaim }): DomainError {
  return new DomainError('conflict', code, sentences[code], { members })
}

export function claimNotFound (): DomainError {
  return new DomainError('not-found', 'CLAIM_NOT_FOUND', 'There is no such claim')
}
