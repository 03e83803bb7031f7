import { auditOf, type Actor } from '@laurel/shared/audit'
import type { Claim as PublicClaim } from '@laurel/shared/contracts'
import { DomainError } from '@laurel/shared/errors'
import type { Audit } from './audit.ts'
import type { Claim, HistoryEntry } from './claim.ts'

/** What an operator says about a claim that waits. */
export interface Review {
  readonly to: 'GRANTED' | 'REJECTED'
  readonly reviewer: Actor
  readonly at: Date
  /** Of an approval a note, of a rejection its reason. */
  readonly note?: string
  readonly idempotencyKey?: string
}

/** @throws {DomainError} 403 `SELF_REVIEW`: nobody decides about the own claim, whatever its status. */
export function checkReviewer ({ userId }: Claim, { reviewer }: Review): void {
  if (userId === reviewer.id) throw new DomainError('forbidden', 'SELF_REVIEW', 'Nobody decides about the own claim')
}

/**
 * The claim that waited, decided; its history tells who, when and why. A rejected one gives its unit back, and the coupon
 * codes that belong to the unit: somebody else will get them.
 */
export function reviewed ({ slot, ...claim }: Claim, { to, reviewer, at, note, idempotencyKey }: Review): Claim {
  const { id: by, role, requestId } = reviewer
  const outcome = to === 'GRANTED'
    ? { grantedAt: at, ...(slot === undefined ? {} : { slot }) }
    : { rewards: claim.rewards.map(({ couponCode, ...reward }) => reward), ...(slot === undefined ? {} : { releasing: slot }) }
  const entry: HistoryEntry = { at, by, role, from: 'PENDING', to, ...(note === undefined ? {} : { note }), requestId }
  return {
    ...claim, ...outcome, status: to, history: [...claim.history, entry], updatedAt: at, ...(idempotencyKey === undefined ? {} : { decisionKey: idempotencyKey })
  }
}

export function auditOfReview (claimId: string, { to, reviewer, at, note }: Review): Audit {
  return auditOf(reviewer, {
    at,
    action: to === 'GRANTED' ? 'approveClaim' : 'rejectClaim',
    targetType: 'CLAIM',
    targetId: claimId,
    before: { status: 'PENDING' },
    after: { status: to },
    ...(note === undefined ? {} : { note })
  })
}

/** The 409 for everyone but the first. */
export function alreadyDecided (claim: PublicClaim): DomainError {
  return new DomainError('conflict', 'ALREADY_DECIDED', `This claim does not wait for a review: it is ${claim.status}`, { members: { claim } })
}

export function userNotActive (): DomainError {
  return new DomainError('conflict', 'USER_NOT_ACTIVE', 'The account of this claim is disabled or gone: the claim can only be rejected')
}
