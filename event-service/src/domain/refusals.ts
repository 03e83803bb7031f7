import type { Claim as PublicClaim, Progress } from '@laurel/shared/contracts'
import { DomainError } from '@laurel/shared/errors'
import type { FinalCode } from './claim-status.ts'

/** The refusals after which the user may try again, with the sentence for the user. */
const retryable = {
  EVENT_INACTIVE: 'This event is not active.',
  EVENT_NOT_STARTED: 'This event has not started yet.',
  EVENT_ENDED: 'This event can no longer be claimed.',
  NO_REWARDS: 'This event has no rewards yet.',
  CONDITIONS_NOT_MET: 'You do not meet the condition of this event yet.',
  OUT_OF_STOCK: 'This reward is out of stock.'
}

const final: Readonly<Record<FinalCode, string>> = {
  ALREADY_CLAIMED: 'You have already claimed this reward.',
  CLAIM_REJECTED: 'Your claim was rejected.',
  CLAIM_REVOKED: 'Your reward was revoked.'
}

export type Refusal = keyof typeof retryable

/** The sentence of each refusal for the user. */
export const refusalSentences: Readonly<Record<Refusal | FinalCode, string>> = { ...retryable, ...final }

/** What a refusal shows to the user: the progress, and the claim that already exists. */
interface RefusalMembers {
  readonly progress: Progress | null
  readonly claim?: PublicClaim
}

/** Returns the 409 for a claim that was refused with this code. */
export function claimRefused (code: Refusal | FinalCode, members: RefusalMembers): DomainError {
  return new DomainError('conflict', code, refusalSentences[code], { members: { ...members } })
}
