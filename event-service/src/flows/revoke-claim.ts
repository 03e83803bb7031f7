import { claimNotFound, type Claim } from '../domain/claim.ts'
import { applyRevocation, auditOfRevocation, type Revocation } from '../domain/revocation.ts'
import type { ClaimStore, ClaimUpdate } from '../stores/claims.ts'

/** Returns the current claim and whether this call revoked it. Throws 404 `CLAIM_NOT_FOUND`. */
export type RevokeClaim = (claimId: string, revocation: Revocation) => Promise<ClaimUpdate>

/** Returns the flow that revokes a grant. A claim that is not GRANTED is not changed. */
export function createRevokeClaim (claims: ClaimStore): RevokeClaim {
  return async (claimId, revocation) => {
    const rule = (claim: Claim): Claim => claim.status === 'GRANTED' ? applyRevocation(claim, revocation) : claim
    const updated = await claims.update(claimId, rule, auditOfRevocation(claimId, revocation))
    if (updated === null) throw claimNotFound()
    return updated
  }
}
