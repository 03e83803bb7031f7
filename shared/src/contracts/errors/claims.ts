import type { ErrorEntry } from './entry.ts'

/** Codes of claims and their reviews. */
export const claimErrors = {
  SELF_REVIEW: {
    status: 403,
    title: 'Own claim',
    meaning: 'Operators cannot review their own claims or claims that they granted manually.',
    action: 'Ask another operator.'
  },
  CLAIM_NOT_FOUND: {
    status: 404,
    title: 'Claim not found',
    meaning: 'There is no claim with this id. A USER also gets this error for the claim of another user.',
    action: 'Check the id, or list the claims.'
  },
  EVENT_INACTIVE: {
    status: 409,
    title: 'Event not active',
    meaning: 'The event is not active.',
    action: 'Claim again once an operator has activated the event.'
  },
  EVENT_NOT_STARTED: {
    status: 409,
    title: 'Event not started',
    meaning: 'The event has not started yet.',
    action: 'Claim again after `startsAt`.'
  },
  EVENT_ENDED: {
    status: 409,
    title: 'Event ended',
    meaning: 'The event can no longer be claimed.',
    action: 'Claim before `claimUntil`, or before `endsAt` if the event has no `claimUntil`.'
  },
  NO_REWARDS: {
    status: 409,
    title: 'No rewards',
    meaning: 'The event has no rewards.',
    action: 'An operator must add a reward before the event becomes ACTIVE.'
  },
  CONDITIONS_NOT_MET: {
    status: 409,
    title: 'Conditions not met',
    meaning: 'The user has not met the condition of the event yet. `progress` shows what is missing.',
    action: 'Claim again once the condition is met.'
  },
  OUT_OF_STOCK: {
    status: 409,
    title: 'Out of stock',
    meaning: 'No unit of at least one reward of the event is available: ' +
      'all units are granted, held by pending claims, or being decided.',
    action: 'Claim again later: a unit returns if a pending claim is rejected, and an operator can raise the stock.'
  },
  ALREADY_CLAIMED: {
    status: 409,
    title: 'Already claimed',
    meaning: 'The user has already claimed in this period. `claim` is that claim, granted or awaiting review.',
    action: 'Claim again in the next period, if the event has one.'
  },
  CLAIM_REJECTED: {
    status: 409,
    title: 'Claim rejected',
    meaning: 'An operator rejected the claim of this period. The history of `claim` contains the reason.',
    action: 'Claim again in the next period, if the event has one.'
  },
  CLAIM_REVOKED: {
    status: 409,
    title: 'Claim revoked',
    meaning: 'The grant of this period was revoked. The history of `claim` contains the reason.',
    action: 'Claim again in the next period, if the event has one.'
  },
  ALREADY_DECIDED: {
    status: 409,
    title: 'Already decided',
    meaning: 'The claim is not waiting for a review: it was already decided, or it never needed a review.',
    action: 'Read the claim to see its status.'
  },
  NOT_GRANTED: {
    status: 409,
    title: 'Not granted',
    meaning: 'The claim is not granted, so there is nothing to revoke or to deliver.',
    action: 'Read the claim to see its status.'
  },
  USER_NOT_ACTIVE: {
    status: 409,
    title: 'User not active',
    meaning: 'The account of the user is disabled or deleted, so nothing can be granted to it.',
    action: 'Reject the claim, or approve it once the account is ACTIVE again.'
  },
  SELF_GRANT: {
    status: null,
    title: 'Own grant',
    meaning: 'Operators cannot grant rewards to themselves.',
    action: 'Ask another operator.'
  },
  PERIOD_NOT_FOUND: {
    status: null,
    title: 'Period not found',
    meaning: 'The event has no period with this name, or the period has not started yet.',
    action: 'Send the name of the current or an earlier period, as in the `period` of a claim, or omit it.'
  },
  PAUSED: {
    status: 503,
    title: 'Granting paused',
    meaning: 'An ADMIN has paused all claims, grants and approvals. Nothing was decided or written.',
    action: 'Wait for the number of seconds in the `Retry-After` header and send the request again, ' +
      'with the same `Idempotency-Key` if it had one.'
  },
  INVALID_LINE: {
    status: null,
    title: 'Invalid line',
    meaning: 'A line of the file is not valid. `detail` describes the problem.',
    action: 'Correct the line and send it again. The other lines are not affected.'
  }
} as const satisfies Readonly<Record<string, ErrorEntry>>
