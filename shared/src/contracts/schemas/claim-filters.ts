import { Type, type Static } from 'typebox'
import { ClaimStatus, DeliveryStatus } from './claim.ts'
import { Id, Instant, Strict } from './common.ts'

/** The filters of the claims of all users. */
export const claimFilters = {
  eventId: Type.Optional(Id('Only claims of this event.')),
  userId: Type.Optional(Id('Only claims by this user.')),
  status: Type.Optional(ClaimStatus),
  delivery: Type.Optional(DeliveryStatus),
  from: Type.Optional(Instant('Only claims that were created at or after this time.')),
  to: Type.Optional(Instant('Only claims that were created before this time.')),
  grantedFrom: Type.Optional(Instant('Only claims that were granted at or after this time, including revoked ones.')),
  grantedTo: Type.Optional(Instant('Only claims that were granted before this time, including revoked ones.'))
}
export const ClaimFilters = Strict(claimFilters)
export type ClaimFilters = Static<typeof ClaimFilters>
