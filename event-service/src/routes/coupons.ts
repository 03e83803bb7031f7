import { rewards as contract } from '@laurel/shared/contracts'
import type { Server } from '@laurel/shared/http'
import { actorOf } from '@laurel/shared/tokens'
import { auditOfNewCodes } from '../domain/audit.ts'
import { requireEvent } from '../domain/event.ts'
import { couponOf } from '../domain/reward.ts'
import { raisePool } from '../engine/coupon-pools.ts'
import type { CouponStore } from '../stores/coupons.ts'
import type { EventStore } from '../stores/events.ts'
import { addCouponFiles } from './coupon-files.ts'

export interface CouponRoutesOptions {
  readonly events: EventStore
  readonly coupons: CouponStore
}

export async function couponRoutes (app: Server, { events, coupons }: CouponRoutesOptions): Promise<void> {
  addCouponFiles(app)

  app.route({
    ...contract.addCouponCodes,
    async handler (request) {
      const { eventId, rewardId } = request.params
      couponOf(requireEvent(await events.find(eventId)), rewardId)
      const { codes } = request.body
      const audit = auditOfNewCodes(actorOf(request), eventId, rewardId, codes.length, new Date())
      const added = await coupons.add({ eventId, rewardId }, codes, audit)
      await raisePool(events, coupons, { eventId, rewardId })
      return added
    }
  })
}
