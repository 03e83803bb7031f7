import { DomainError } from '@laurel/shared/errors'
import { raiseStock } from '../domain/reward.ts'
import type { CouponStore, Pool } from '../stores/coupons.ts'
import type { EventStore } from '../stores/events.ts'

/**
 * Numbers the codes that have no number yet, then raises the stock of the reward.
 * A slot is available only if its code is. Repeating it changes nothing, so any process can finish it.
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
