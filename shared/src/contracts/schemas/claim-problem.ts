import { Type, type Static } from 'typebox'
import { Claim, exampleClaim } from './claim.ts'
import { Nullable } from './common.ts'
import { exampleProblem, Problem } from './problem.ts'
import { exampleProgress, Progress } from './progress.ts'
import { ClaimRefusal, claimRefusals } from './refusal.ts'

const finalClaims: Partial<Record<ClaimRefusal, object>> = {
  ALREADY_CLAIMED: { claim: exampleClaim },
  CLAIM_REJECTED: { claim: { ...exampleClaim, status: 'REJECTED' } },
  CLAIM_REVOKED: { claim: { ...exampleClaim, status: 'REVOKED' } }
}

/** The problem document of a refused claim. */
export const ClaimProblem = Type.Object({
  ...Problem.properties,
  code: ClaimRefusal,
  progress: Nullable(Progress, {
    description: 'What the user has reached so far, or `null` if the event has no condition.'
  }),
  claim: Type.Optional(Claim)
}, {
  title: 'ClaimProblem',
  description: 'A problem document that explains why a claim is refused. ' +
    '`claim` is present if the claim of this period is final, that is, ' +
    'with the codes ALREADY_CLAIMED, CLAIM_REJECTED, and CLAIM_REVOKED.',
  examples: claimRefusals.map(code => {
    const progress = code === 'CONDITIONS_NOT_MET' ? { ...exampleProgress, current: 0, met: false } : exampleProgress
    return exampleProblem(code, { progress, ...finalClaims[code] })
  })
})
export type ClaimProblem = Static<typeof ClaimProblem>
