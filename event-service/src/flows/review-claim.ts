import type { AskAccount } from '../accounts.ts'
import { claimNotFound, type Claim } from '../domain/claim.ts'
import { isReplay, needsActiveAccount, userNotActive, type Review } from '../domain/review.ts'
import { releaseUnit } from '../engine/release.ts'
import type { ClaimStore } from '../stores/claims.ts'
import type { StockStore } from '../stores/stock.ts'

export interface ReviewFlowOptions {
  readonly claims: ClaimStore
  readonly stock: StockStore
  readonly isActive: AskAccount
}

export interface ReviewOutcome {
  readonly claim: Claim
  /** `decided` by this review, `replayed` if an earlier try of the same review decided, or `final` before it. */
  readonly kind: 'decided' | 'replayed' | 'final'
}

export type ReviewClaim = (claimId: string, review: Review) => Promise<ReviewOutcome>

/**
 * Returns the flow that approves or rejects a claim. It throws 404 `CLAIM_NOT_FOUND`, 403 `SELF_REVIEW`,
 * 409 `USER_NOT_ACTIVE` and 503 if auth-service cannot tell whether the account is active.
 */
export function createReviewFlow ({ claims, stock, isActive }: ReviewFlowOptions): ReviewClaim {
  return async (claimId, review) => {
    const pending = await claims.find(claimId)
    if (pending !== null && needsActiveAccount(pending, review) && !await isActive(pending.userId)) {
      throw userNotActive()
    }

    const reviewed = await claims.review(claimId, review)
    if (reviewed === null) throw claimNotFound()
    const { claim, decided } = reviewed
    if (!decided) return { claim, kind: isReplay(claim, review) ? 'replayed' : 'final' }
    // The decision stands. If this fails, the sweeper does it.
    if (claim.releasing !== undefined) {
      await releaseUnit(claims, stock, { ...claim, slot: claim.releasing }).catch(() => undefined)
    }
    return { claim, kind: 'decided' }
  }
}
