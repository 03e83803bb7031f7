import type { Check } from '../state.ts'
import { checkActivities } from './activities.ts'
import { checkClaims } from './claims.ts'
import { checkCoupons } from './coupons.ts'
import { checkHistories } from './histories.ts'
import { checkReviews } from './reviews.ts'
import { checkRollups } from './rollups.ts'
import { checkSlots } from './slots.ts'

const checks: readonly Check[] = [
  checkClaims, checkHistories, checkReviews, checkSlots, checkCoupons, checkActivities, checkRollups
]

/** All checks that need only the database. */
export const checkAll: Check = (state, acknowledged) => checks.flatMap(check => check(state, acknowledged))
