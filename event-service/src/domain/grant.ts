import { createAuditRecord, type Actor } from '@laurel/shared/audit'
import { DomainError } from '@laurel/shared/errors'
import type { Audit } from './audit.ts'
import type { FinalCode } from './claim-status.ts'
import { refusalSentences, type Refusal } from './refusals.ts'

/** The terms on which an operator manually grants the rewards of an event to a user. */
export interface ManualGrant {
  readonly operatorId: string
  /** As in `DecisionTerms`. */
  readonly waive: boolean
  /** The name of a period of the event. If absent, the current one. */
  readonly period?: string
  /** The reason. The history of the claim contains it. */
  readonly note: string
}

/** A list of manual grants. */
export interface GrantOrder {
  readonly eventId: string
  readonly operator: Actor
  readonly condition: 'CHECK' | 'WAIVE'
  readonly reason: string
}

export type AccountRefusal = 'USER_NOT_FOUND' | 'USER_NOT_ACTIVE' | 'SELF_GRANT'

/** Why a manual grant was refused, as a sentence for the operator. */
export const grantSentences: Readonly<Record<Refusal | FinalCode | AccountRefusal, string>> = {
  ...refusalSentences,
  CONDITIONS_NOT_MET: 'The user does not meet the condition of this event yet.',
  ALREADY_CLAIMED: 'The user has already claimed this reward.',
  CLAIM_REJECTED: 'The claim of the user was rejected.',
  CLAIM_REVOKED: 'The reward of the user was revoked.',
  USER_NOT_FOUND: 'There is no user with this id.',
  USER_NOT_ACTIVE: 'The account of the user is not active.',
  SELF_GRANT: 'You cannot grant yourself a reward.'
}

export function periodNotFound (): DomainError {
  const sentence = 'The event has no such period, or the period has not started yet.'
  return new DomainError('conflict', 'PERIOD_NOT_FOUND', sentence)
}

/**
 * @param count the number of grants in the list.
 * @param userId the user, if all grants of the list are to one user. The reason is then erased with the user.
 */
export function auditOfGrants (
  { eventId, operator, condition, reason }: GrantOrder, count: number, userId: string | undefined, at: Date
): Audit {
  return createAuditRecord(operator, {
    at,
    action: 'grantRewards',
    targetType: 'EVENT',
    targetId: eventId,
    after: { grants: count, condition, ...(userId === undefined ? {} : { userId }) },
    note: reason
  })
}
