import { DomainError } from '@laurel/shared/errors'

/** How old a decision may be when it is written, in milliseconds. */
export const maxDecisionAge = 30_000

/**
 * Checks, right before a decision is written, that it is recent. A process that was suspended must not grant rewards
 * based on outdated data. Throws a 503.
 */
export function requireRecent (decidedAt: Date, now: Date): void {
  if (now.getTime() - decidedAt.getTime() <= maxDecisionAge) return
  const message = 'The decision took too long; retry after 1 second.'
  throw new DomainError('unavailable', 'SERVICE_UNAVAILABLE', message, { retryAfter: 1 })
}
