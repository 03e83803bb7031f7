import { Type, type Static } from 'typebox'
import { Claim } from './claim.ts'
import { Nullable } from './common.ts'
import { Problem } from './problem.ts'
import { Progress } from './progress.ts'
import { ClaimRefusal } from './refusal.ts'

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
  description: 'A problem document that says why a claim is refused. ' +
    '`claim` is present if the claim of this period is final: ' +
    'with the codes ALREADY_CLAIMED, CLAIM_REJECTED, and CLAIM_REVOKED.'
})
export type ClaimProblem = Static<typeof ClaimProblem>
