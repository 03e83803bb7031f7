import type { Progress } from '@laurel/shared/contracts'
import type { FinalCode } from '../domain/claim-status.ts'
import { finalCode, type FinalClaim } from '../domain/claim.ts'
import type { Refusal } from '../domain/refusals.ts'

/** The result of a claim request. In a batch, a request can also be `Failed` or `Deferred`; see `BatchOutcome`. */
export type ClaimOutcome =
  /** This request created the claim. */
  | { readonly type: 'granted' | 'pending', readonly claim: FinalClaim }
  /** An earlier request with the same `Idempotency-Key` created the claim. */
  | { readonly type: 'replayed', readonly claim: FinalClaim }
  /** The rules refuse the claim. The user can claim again. */
  | { readonly type: 'refused', readonly code: Refusal, readonly progress: Progress | null }
  /** The claim is final already. */
  | {
    readonly type: 'final'
    readonly code: FinalCode
    readonly claim: FinalClaim
    readonly progress: Progress | null
  }

/** Returns the outcome of a request for a claim that was final before the request. */
export function finalOutcome (
  claim: FinalClaim, { idempotencyKey }: { readonly idempotencyKey?: string }, progress: Progress | null
): ClaimOutcome {
  if (idempotencyKey !== undefined && claim.grantKey === idempotencyKey) return { type: 'replayed', claim }
  return { type: 'final', code: finalCode(claim), claim, progress }
}

/** Returns the label of an outcome in the metrics: GRANTED, PENDING or the code of the refusal. */
export function outcomeLabel (outcome: ClaimOutcome): string {
  switch (outcome.type) {
    case 'granted': return 'GRANTED'
    case 'pending': return 'PENDING'
    case 'replayed': return finalCode(outcome.claim)
    case 'refused':
    case 'final': return outcome.code
  }
}
