import { createAuditRecord, type Actor } from '@laurel/shared/audit'
import type { Audit } from './audit.ts'
import type { Claim } from './claim.ts'

/** The revocation of a grant by an ADMIN. */
export interface Revocation {
  readonly actor: Actor
  readonly at: Date
  readonly reason: string
}

/** Returns a granted claim after its revocation. It keeps its slot, so its unit is not granted again. */
export function applyRevocation (claim: Claim, { actor: { id: by, role, requestId }, at, reason }: Revocation): Claim {
  return {
    ...claim,
    status: 'REVOKED',
    revokedAt: at,
    history: [...claim.history, { at, by, role, from: 'GRANTED', to: 'REVOKED', note: reason, requestId }],
    updatedAt: at
  }
}

export function auditOfRevocation (claimId: string, { actor, at, reason }: Revocation): Audit {
  return createAuditRecord(actor, {
    at,
    action: 'revokeClaim',
    targetType: 'CLAIM',
    targetId: claimId,
    before: { status: 'GRANTED' },
    after: { status: 'REVOKED' },
    note: reason
  })
}
