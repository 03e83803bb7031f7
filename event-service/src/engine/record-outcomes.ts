import { Failed } from '../batch.ts'
import type { FinalClaim } from '../domain/claim.ts'
import type { Refusal } from '../domain/refusals.ts'
import type { Recorded } from '../stores/claims.ts'
import { outcomesForAll, type IndexedOutcome, type ReadyClaim } from './claim-group.ts'
import { finalOutcome, type ClaimOutcome } from './claim-outcome.ts'
import { Deferred } from './group-commit.ts'

/**
 * Returns the outcomes of the requests for a claim that was passed to `record`.
 * @param released resolves when the unused slots of the batch are released. A request whose slot collided waits for
 * this, because they may be the only ones left.
 */
export function outcomesOf (
  { group, decision: { progress } }: ReadyClaim, recorded: Recorded, released: Promise<void>
): readonly IndexedOutcome[] {
  if (recorded instanceof Failed) return outcomesForAll(group, () => recorded)
  switch (recorded.type) {
    case 'refused': return outcomesForAll(group, () => ({ type: 'refused', code: recorded.code, progress }))
    case 'final': return outcomesForAll(group, ({ request }) => finalOutcome(recorded.claim, request, progress))
    case 'accepted': return outcomesForAll(group, ({ request }, position) =>
      // Only the first request created the claim. For the others, it is already final.
      position === 0 ? acceptedOutcome(recorded.claim) : finalOutcome(recorded.claim, request, progress))
    case 'collided': return outcomesForAll(group, ({ request }) => new Deferred(async () => {
      await released
      return request
    }))
  }
}

/** Returns the outcomes of the requests for a claim that was refused and not recorded. */
export function refusedOutcomes ({ group, decision: { refusal, progress } }: ReadyClaim): readonly IndexedOutcome[] {
  return outcomesForAll(group, () => ({ type: 'refused', code: refusal as Refusal, progress }))
}

function acceptedOutcome (claim: FinalClaim): ClaimOutcome {
  return { type: claim.status === 'PENDING' ? 'pending' : 'granted', claim }
}
