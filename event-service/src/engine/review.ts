import type { Claim } from '../domain/claim.ts'
import { auditOfReview, checkReviewer, reviewed, type Review } from '../domain/review.ts'
import type { ClaimStore, ReleasingClaim } from '../stores/claims.ts'
import type { StockStore } from '../stores/stock.ts'

/** The claim after a review, and whether this review decided it. */
export interface Reviewed {
  readonly claim: Claim
  readonly decided: boolean
}

/**
 * Decides a claim that waits for a review. Concurrent reviews of a claim make one decision.
 * Returns `null` if the claim does not exist. Throws what `checkReviewer` throws.
 */
export type ReviewClaim = (claimId: string, review: Review) => Promise<Reviewed | null>

export function createReview (claims: ClaimStore, stock: StockStore): ReviewClaim {
  return async (claimId, review) => {
    const found = await claims.update(claimId, claim => {
      checkReviewer(claim, review)
      return claim.status === 'PENDING' ? reviewed(claim, review) : claim
    }, auditOfReview(claimId, review))
    if (found === null) return null

    const { claim, changed } = found
    if (changed && claim.releasing !== undefined) {
      // The decision stands. If the slot cannot be released now, the sweeper does it.
      await releaseSlot(claims, stock, { ...claim, slot: claim.releasing }).catch(() => undefined)
    }
    return { claim, decided: changed }
  }
}

/**
 * Returns the slot of a rejected claim to the stock, then removes the mark from the claim.
 * If the process dies in between, the mark stays. Doing it twice is safe: a slot is held by at most one claim.
 */
export async function releaseSlot (
  claims: ClaimStore, stock: StockStore, claim: ReleasingClaim
): Promise<void> {
  await stock.putBack(claim, claim.slot)
  await claims.noteReleased(claim)
}
