import { DomainError } from '@laurel/shared/errors'
import { raiseStock } from '../domain/reward-changes.ts'
import type { CouponStore, Pool } from '../stores/coupons.ts'
import type { EventStore } from '../stores/events.ts'

/**
 * Numbers the new codes of a pool, then raises the stock of its reward, so that a slot can be acquired only after its
 * code is stored. It is idempotent, so the sweeper can finish the work of a process that died. Removes the codes of a
 * reward that was deleted.
 */
export async function raisePool (events: EventStore, coupons: CouponStore, pool: Pool): Promise<void> {
  const numbered = await coupons.number(pool)
  try {
    await events.update(pool.eventId, event => raiseStock(event, pool.rewardId, numbered, new Date()))
  } catch (error) {
    if (error instanceof DomainError && error.kind === 'not-found') await coupons.remove(pool)
    throw error
  }
  await coupons.markRaised(pool, numbered)
}
