import type { ClaimFilters } from '@laurel/shared/contracts'
import { parseInstant } from '@laurel/shared/instant'
import type { ClaimFilter } from '../stores/claims.ts'

/** Returns the filter in the query of a request. */
export function claimFilterOf (query: ClaimFilters): ClaimFilter {
  const { eventId, userId, status, delivery, from, to, grantedFrom, grantedTo } = query
  return {
    eventId,
    userId,
    status,
    delivery,
    from: parseInstant(from),
    to: parseInstant(to),
    grantedFrom: parseInstant(grantedFrom),
    grantedTo: parseInstant(grantedTo)
  }
}
