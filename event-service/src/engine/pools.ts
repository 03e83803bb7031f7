import { raiseStock } from '../domain/reward.ts'
import type { CouponStore, Pool } from '../stores/coupons.ts'
import type { EventStore } from '../stores/events.ts'

/**
 * Numbers what has no number yet, then lets the reward's stock tell it: a number is for sale only when its code is there.
 * Doing it again changes nothing, so a process that died in between is finished by anybody.
 */
export async function raisePool (events: EventStore, coupons: CouponStore, pool: Pool): Promise<void> {
  const numbered = await coupons.number(pool)
  await events.update(pool.eventId, event => raiseStock(event, pool.rewardId, numbered, new Date()))
  await coupons.noteRaised(pool, numbered)
}
