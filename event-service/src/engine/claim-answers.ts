import { Failed } from '../batch.ts'
import type { FinalClaim } from '../domain/claim.ts'
import type { Refusal } from '../domain/refusals.ts'
import type { Recorded } from '../stores/claims.ts'
import { answerAll, type Answer, type ReadyClaim } from './claim-group.ts'
import { finalOutcome, type ClaimOutcome } from './claim-outcome.ts'

/** Answers the requests for a claim after it was written. If its slot collided, there are no answers yet. */
export function answersOf ({ group, decision: { progress } }: ReadyClaim, recorded: Recorded): readonly Answer[] {
  if (recorded instanceof Failed) return answerAll(group, () => recorded)
  switch (recorded.type) {
    case 'refused': return answerAll(group, () => ({ type: 'refused', code: recorded.code, progress }))
    case 'final': return answerAll(group, ({ request }) => finalOutcome(recorded.claim, request, progress))
    case 'accepted': return answerAll(group, ({ request }, position) =>
      // Only the first request created the claim. For the others, it is already final.
      position === 0 ? acceptedOutcome(recorded.claim) : finalOutcome(recorded.claim, request, progress))
    case 'collided': return []
  }
}

/** Answers the requests for a claim that was refused and not written. */
export function refusedAnswers ({ group, decision: { refusal, progress } }: ReadyClaim): readonly Answer[] {
  return answerAll(group, () => ({ type: 'refused', code: refusal as Refusal, progress }))
}

function acceptedOutcome (claim: FinalClaim): ClaimOutcome {
  return { type: claim.status === 'PENDING' ? 'pending' : 'granted', claim }
}
