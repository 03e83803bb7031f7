import type { Check } from '../state.ts'
import { checkActivities } from './activities.ts'
import { checkClaims } from './claims.ts'
import { checkCoupons } from './coupons.ts'
import { checkHistories } from './histories.ts'
import { checkReviews } from './reviews.ts'
import { checkSlots } from './slots.ts'

/** Everything that can be seen in the database alone. */
export const checkAll: Check = (state, acknowledged) =>
  [checkClaims, checkHistories, checkReviews, checkSlots, checkCoupons, checkActivities].flatMap(check => check(state, acknowledged))
