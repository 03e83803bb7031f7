import { createAuditRecord, type Actor } from '@laurel/shared/audit'
import type { Claim as PublicClaim } from '@laurel/shared/contracts'
import { DomainError } from '@laurel/shared/errors'
import type { Audit } from './audit.ts'
import type { Claim, HistoryEntry } from './claim.ts'

/** An operator's decision on a pending claim. */
export interface Review {
  readonly to: 'GRANTED' | 'REJECTED'
  readonly reviewer: Actor
  readonly at: Date
  /** The note of an approval, or the reason of a rejection. */
  readonly note?: string
  readonly idempotencyKey?: string
}

/** The operation for each outcome of a review. */
const actions = { GRANTED: 'approveClaim', REJECTED: 'rejectClaim' } as const

/** Whether the account of a claim has to be active for this review. Only an approval grants rewards. */
export function needsActiveAccount (claim: Claim, { to, reviewer }: Review): boolean {
  return to === 'GRANTED' && claim.status === 'PENDING' && !isOwn(claim, reviewer)
}

/** A reviewer's own claims include those that the reviewer granted manually. */
function isOwn ({ userId, grantedBy }: Claim, { id }: Actor): boolean {
  return userId === id || grantedBy === id
}

/** Throws 403 `SELF_REVIEW` if the reviewer made the claim or granted it manually, whatever its status. */
export function checkReviewer (claim: Claim, { reviewer }: Review): void {
  if (!isOwn(claim, reviewer)) return
  const sentence = claim.grantedBy === reviewer.id
    ? 'You cannot review a claim that you granted manually.'
    : 'You cannot review your own claim.'
  throw new DomainError('forbidden', 'SELF_REVIEW', sentence)
}

/**
 * Returns the claim after its review. Its history contains who decided, when and why.
 * A rejected claim returns its slot and the coupon codes of the slot, so that another user can get them.
 */
export function applyReview ({ slot, periodSlot, ...claim }: Claim, review: Review): Claim {
  const { to, at, idempotencyKey } = review
  const released = slot ?? periodSlot
  const outcome = to === 'GRANTED'
    ? {
        grantedAt: at,
        ...(slot === undefined ? {} : { slot }),
        ...(periodSlot === undefined ? {} : { periodSlot })
      }
    : {
        rewards: claim.rewards.map(({ couponCode, ...reward }) => reward),
        ...(released === undefined ? {} : { releasing: released })
      }
  return {
    ...claim,
    ...outcome,
    status: to,
    history: [...claim.history, historyEntry(review)],
    updatedAt: at,
    ...(idempotencyKey === undefined ? {} : { decisionKey: idempotencyKey })
  }
}

function historyEntry ({ to, reviewer, at, note }: Review): HistoryEntry {
  const { id: by, role, requestId } = reviewer
  return { at, by, role, from: 'PENDING', to, ...(note === undefined ? {} : { note }), requestId }
}

export function auditOfReview (claimId: string, { to, reviewer, at, note }: Review): Audit {
  return createAuditRecord(reviewer, {
    at,
    action: actions[to],
    targetType: 'CLAIM',
    targetId: claimId,
    before: { status: 'PENDING' },
    after: { status: to },
    ...(note === undefined ? {} : { note })
  })
}

/** Whether this review repeats the review that decided the claim, for example because the response was lost. */
export function isReplay ({ decisionKey }: Claim, { idempotencyKey }: Review): boolean {
  return idempotencyKey !== undefined && decisionKey === idempotencyKey
}

export function alreadyDecided (claim: PublicClaim): DomainError {
  return new DomainError('conflict', 'ALREADY_DECIDED', `This claim is not pending; it is ${claim.status}.`, {
    members: { claim }
  })
}

export function userNotActive (): DomainError {
  return new DomainError(
    'conflict', 'USER_NOT_ACTIVE', 'The account of this claim is disabled or deleted. You can only reject the claim.'
  )
}
