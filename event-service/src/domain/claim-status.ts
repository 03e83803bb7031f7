import type { ClaimStatus } from '@laurel/shared/contracts'

export type FinalCode = 'ALREADY_CLAIMED' | 'CLAIM_REJECTED' | 'CLAIM_REVOKED'

/** Everything that depends on the status of a claim. */
interface StatusRules {
  /** The code that refuses another claim for the same period. `null` if the user can claim again. */
  readonly finalCode: FinalCode | null
  /** Whether the note of the decision is its reason, which the user can see. Other notes are for operators. */
  readonly noteIsReason: boolean
  /** Whether the claim shows its coupon codes to callers who may see them. */
  readonly showsCouponCodes: boolean
  /** How the units of its rewards are counted. A revoked unit is not granted again, so it still counts as granted. */
  readonly unitsCountAs: 'granted' | 'held' | null
}

/** One entry for each status of the contract. */
export const claimStatuses: Readonly<Record<ClaimStatus, StatusRules>> = {
  GRANTED: { finalCode: 'ALREADY_CLAIMED', noteIsReason: false, showsCouponCodes: true, unitsCountAs: 'granted' },
  PENDING: { finalCode: 'ALREADY_CLAIMED', noteIsReason: false, showsCouponCodes: false, unitsCountAs: 'held' },
  REJECTED: { finalCode: 'CLAIM_REJECTED', noteIsReason: true, showsCouponCodes: false, unitsCountAs: null },
  FAILED: { finalCode: null, noteIsReason: false, showsCouponCodes: false, unitsCountAs: null },
  REVOKED: { finalCode: 'CLAIM_REVOKED', noteIsReason: true, showsCouponCodes: true, unitsCountAs: 'granted' }
}

export const allStatuses = Object.keys(claimStatuses) as readonly ClaimStatus[]

/** Returns the statuses of the claims whose units are counted in this way. */
export function statusesCountedAs (unitsCountAs: 'granted' | 'held'): ClaimStatus[] {
  return allStatuses.filter(status => claimStatuses[status].unitsCountAs === unitsCountAs)
}

/** The statuses of the claims that were ever granted. */
export const grantedStatuses: readonly ClaimStatus[] = statusesCountedAs('granted')
