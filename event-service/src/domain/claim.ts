import type { CallerRole, Claim as PublicClaim, ClaimStatus, GrantedReward, Progress } from '@laurel/shared/contracts'
import { DomainError } from '@laurel/shared/errors'
import { claimStatuses, type FinalCode } from './claim-status.ts'
import type { Refusal } from './refusals.ts'

/** One change of a claim's status, and who made it. */
export interface HistoryEntry {
  readonly at: Date
  readonly by: string
  readonly role: CallerRole
  readonly from: ClaimStatus | null
  readonly to: ClaimStatus
  readonly code?: string
  readonly note?: string
  readonly requestId: string
}

/** Whether the rewards of a grant have arrived, as the game or the shop reports it. */
export interface RewardDelivery {
  readonly status: 'DELIVERED' | 'FAILED'
  readonly at: Date
  readonly reference?: string
}

/**
 * One claim per event, user and period. It is inserted once. After that, its status changes only
 * from FAILED to GRANTED or PENDING, from PENDING to GRANTED or REJECTED, and from GRANTED to REVOKED.
 */
export interface Claim {
  readonly id: string
  readonly eventId: string
  readonly userId: string
  readonly period: string
  readonly status: ClaimStatus
  /** Why it was refused. */
  readonly code?: string
  /** The progress at the last decision. */
  readonly progress: Progress | null
  readonly rewards: readonly GrantedReward[]
  readonly attempts: number
  readonly history: readonly HistoryEntry[]
  /** The slot that it holds if its event has limited rewards. The slot is unique among the claims of the event. */
  readonly slot?: number
  /** The slot that it holds if the stock is per period. The slot is unique among the claims of the period. */
  readonly periodSlot?: number
  /** The period whose stock it uses, if the stock of its event is per period. */
  readonly stockPeriod?: string
  /** The slot that a rejection returns to the stock. Absent once the slot can be acquired again. */
  readonly releasing?: number
  /** When it was granted. A revocation does not remove it. */
  readonly grantedAt?: Date
  /** When the grant was revoked. */
  readonly revokedAt?: Date
  /** The last report of the game or the shop. Absent until there is one. */
  readonly delivery?: RewardDelivery
  /** The operator who granted it manually, and who cannot review it. Absent if the user claimed it. */
  readonly grantedBy?: string
  /**
   * The idempotency key of the request that succeeded: as the user sent it, or scoped to the caller, the URL and the
   * period if an operator granted it manually.
   */
  readonly grantKey?: string
  /** The idempotency key of the review that decided. */
  readonly decisionKey?: string
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** A final claim: the user cannot claim again in this period. */
export type FinalClaim = Claim & { readonly status: Exclude<ClaimStatus, 'FAILED'> }

export function isFinal (claim: Claim): claim is FinalClaim {
  return finalCodeOf(claim) !== null
}

/** Returns the code that refuses another claim for the same period. */
export function finalCode (claim: FinalClaim): FinalCode {
  return finalCodeOf(claim) as FinalCode
}

function finalCodeOf ({ status }: Claim): FinalCode | null {
  return claimStatuses[status].finalCode
}

/** Returns the code that a claim of this user would be refused with now, or `undefined` if it would be granted. */
export function refusalCode (refusal: Refusal | undefined, claim: Claim | null): Refusal | FinalCode | undefined {
  return claim !== null && isFinal(claim) ? finalCode(claim) : refusal
}

export function claimNotFound (): DomainError {
  return new DomainError('not-found', 'CLAIM_NOT_FOUND', 'There is no claim with this id.')
}

/** @param claim with only the fields that the caller may see. */
export function notGranted (claim: PublicClaim): DomainError {
  return new DomainError('conflict', 'NOT_GRANTED', `This claim is not granted; it is ${claim.status}.`, {
    members: { claim }
  })
}

interface Caller {
  readonly id: string
  readonly role: CallerRole
}

/** Returns the claim if this caller may see it. A USER sees only their own. Throws a 404. */
export function requireVisible (claim: Claim | null, caller: Caller): Claim {
  if (claim === null || (caller.role === 'USER' && claim.userId !== caller.id)) throw claimNotFound()
  return claim
}
