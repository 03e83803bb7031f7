import type { IsActiveAccount } from '../auth-service-client.ts'
import { claimNotFound, type Claim } from '../domain/claim.ts'
import {
  auditOfReview, checkReviewer, isReplay, needsActiveAccount, applyReview, userNotActive, type Review
} from '../domain/review.ts'
import { requireNotPaused } from '../domain/pause.ts'
import { releaseRejectedSlot } from '../engine/release-rejected-slot.ts'
import type { ClaimStore } from '../stores/claims.ts'
import type { SettingsStore } from '../stores/settings.ts'
import type { StockStore } from '../stores/stock.ts'

export interface ReviewClaimOptions {
  readonly claims: ClaimStore
  readonly stock: StockStore
  readonly settings: Pick<SettingsStore, 'read'>
  readonly isActive: IsActiveAccount
}

export interface ReviewOutcome {
  readonly claim: Claim
  /** `decided` by this review, `replayed` if an earlier attempt of the same review decided it, or already `final`. */
  readonly kind: 'decided' | 'replayed' | 'final'
}

export type ReviewClaim = (claimId: string, review: Review) => Promise<ReviewOutcome>

/**
 * Returns the flow that approves or rejects a claim. It throws 404 `CLAIM_NOT_FOUND`, 403 `SELF_REVIEW`, 409
 * `USER_NOT_ACTIVE`, 503 `PAUSED` for an approval during a pause, and 503 if auth-service does not respond.
 */
export function createReviewClaim ({ claims, stock, settings, isActive }: ReviewClaimOptions): ReviewClaim {
  return async (claimId, review) => {
    if (review.to === 'GRANTED') requireNotPaused(await settings.read())
    const pending = await claims.find(claimId)
    // Not part of the transaction below: a claim of an account that is disabled in between is still approved.
    if (pending !== null && needsActiveAccount(pending, review) && !await isActive(pending.userId)) {
      throw userNotActive()
    }

    const found = await claims.update(claimId, claim => {
      checkReviewer(claim, review)
      return claim.status === 'PENDING' ? applyReview(claim, review) : claim
    }, auditOfReview(claimId, review))
    if (found === null) throw claimNotFound()
    const { claim, changed } = found
    if (!changed) return { claim, kind: isReplay(claim, review) ? 'replayed' : 'final' }
    // The decision is stored. If the slot cannot be released now, the sweeper releases it.
    if (claim.releasing !== undefined) {
      await releaseRejectedSlot(claims, stock, { ...claim, released: claim.releasing }).catch(() => undefined)
    }
    return { claim, kind: 'decided' }
  }
}
