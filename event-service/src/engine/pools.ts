import { raiseStock } from '../domain/reward.ts'
import type { CouponStore, Pool } from '../stores/coupons.ts'
import type { EventStore } from '../stores/events.ts'

/**
 * Numbers the new codes of a pool, then raises the stock of its reward.
 * So a slot can be acquired only after its code is there.
 * It may run more than once, so the sweeper can finish what a process that died has begun.
 */
export async function raisePool (events: EventStore, coupons: CouponStore, pool: Pool): Promise<void> {
  const numbered = await coupons.number(pool)
  await events.update(pool.eventId, event => raiseStock(event, pool.rewardId, numbered, new Date()))
  await coupons.noteRaised(pool, numbered)
}
