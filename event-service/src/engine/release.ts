import type { ClaimStore } from '../stores/claims.ts'
import type { StockStore } from '../stores/stock.ts'

/**
 * Puts the unit of a rejected claim on sale again, then takes the mark off the claim. A process that dies in between
 * leaves the mark, and doing it again does no harm: a number is held by one claim at most.
 */
export async function releaseUnit (claims: ClaimStore, stock: StockStore, { id, eventId, slot }: { readonly id: string, readonly eventId: string, readonly slot: number }): Promise<void> {
  await stock.putBack(eventId, slot)
  await claims.noteReleased(id, eventId)
}
