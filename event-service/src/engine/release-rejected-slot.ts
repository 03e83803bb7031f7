import type { ClaimStore, ReleasingClaim } from '../stores/claims.ts'
import type { StockStore } from '../stores/stock.ts'

/**
 * Returns the slot of a rejected claim to the stock, then removes the mark from the claim. If the process dies in
 * between, the mark stays. Repeating this is safe, because at most one claim holds a slot.
 */
export async function releaseRejectedSlot (
  claims: ClaimStore, stock: StockStore, claim: ReleasingClaim
): Promise<void> {
  await stock.returnSlot(claim, claim.slot)
  await claims.markReleased(claim)
}
