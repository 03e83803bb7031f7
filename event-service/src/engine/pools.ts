import { DomainError } from '@laurel/shared/errors'
import { raiseStock } from '../domain/reward.ts'
import type { CouponStore, Pool } from '../stores/coupons.ts'
import type { EventStore } from '../stores/events.ts'

/**
 * Numbers the new codes of a pool, then raises the stock of its reward.
 * So a slot can be acquired only after its code is stored.
 * It may run more than once, so the sweeper can finish what a process that died has begun.
 * The codes of a reward that was deleted are removed.
 */
export async function raisePool (events: EventStore, coupons: CouponStore, pool: Pool): Promise<void> {
  const numbered = await coupons.number(pool)
  try {
    await events.update(pool.eventId, event => raiseStock(event, pool.rewardId, numbered, new Date()))
  } catch (error) {
    if (error instanceof DomainError && error.kind === 'not-found') await coupons.remove(pool)
    throw error
  }
  await coupons.noteRaised(pool, numbered)
}
