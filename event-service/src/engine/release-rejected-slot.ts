import type { ClaimStore, ReleasingClaim } from '../stores/claims.ts'
import type { StockStore } from '../stores/stock.ts'

/**
 * Returns the slot of a rejected claim to the stock, then removes `releasing` from the claim. If the process dies in
 * between, `releasing` stays, and the sweeper repeats both. This is safe: if another claim has got the slot in the
 * meantime, the next claim that acquires it collides and is deferred, and the slot is no longer free.
 */
export async function releaseRejectedSlot (
  claims: ClaimStore, stock: StockStore, claim: ReleasingClaim
): Promise<void> {
  await stock.returnSlot(claim, claim.released)
  await claims.markReleased(claim)
}
