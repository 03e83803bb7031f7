import { rewards as contract } from '@laurel/shared/contracts'
import type { Server } from '@laurel/shared/http'
import { actorOf, callerOf } from '@laurel/shared/tokens'
import { countOf, type CountCache } from '../cached-counts.ts'
import { auditOfDeletedReward, auditOfNewReward, auditOfRewardChange } from '../domain/audit.ts'
import { requireReadableEvent } from '../domain/event.ts'
import { checkRewardCanBeAdded, patchReward, removeReward } from '../domain/reward-changes.ts'
import { newReward, rewardOf } from '../domain/reward.ts'
import type { CouponStore } from '../stores/coupons.ts'
import type { EventStore } from '../stores/events.ts'
import { creationOf, markReplay } from './idempotency.ts'
import { serializeReward } from './serializers.ts'

export interface RewardRoutesOptions {
  readonly events: EventStore
  readonly unitCounts: CountCache
  readonly coupons: CouponStore
}

export async function rewardRoutes (app: Server, { events, unitCounts, coupons }: RewardRoutesOptions): Promise<void> {
  app.route({
    ...contract.addReward,
    async handler (request, reply) {
      const { eventId } = request.params
      const created = newReward(request.body)
      const audit = auditOfNewReward(actorOf(request), eventId, created, new Date())
      const { event, reward, replayed } = await events.addReward(
        eventId, created, checkRewardCanBeAdded, audit, creationOf(request)
      )
      return await markReplay(reply, replayed)
        .code(201)
        .send(serializeReward(reward, eventId, await unitCounts.get(event)))
    }
  })

  app.route({
    ...contract.listRewards,
    async handler (request) {
      const event = requireReadableEvent(await events.find(request.params.eventId), callerOf(request).role)
      const count = await countOf(unitCounts, event, new Date())
      return { data: event.rewards.map(reward => serializeReward(reward, event.id, count)) }
    }
  })

  app.route({
    ...contract.getReward,
    async handler (request) {
      const { eventId, rewardId } = request.params
      const event = requireReadableEvent(await events.find(eventId), callerOf(request).role)
      return serializeReward(rewardOf(event, rewardId), eventId, await countOf(unitCounts, event, new Date()))
    }
  })

  app.route({
    ...contract.updateReward,
    async handler (request) {
      const { eventId, rewardId } = request.params
      const now = new Date()
      const event = await events.update(
        eventId,
        event => patchReward(event, rewardId, request.body, now),
        (before, after) => auditOfRewardChange(actorOf(request), rewardId, before, after)
      )
      return serializeReward(rewardOf(event, rewardId), eventId, await countOf(unitCounts, event, now))
    }
  })

  app.route({
    ...contract.deleteReward,
    async handler (request, reply) {
      const { eventId, rewardId } = request.params
      const now = new Date()
      await events.update(
        eventId,
        event => removeReward(event, rewardId, now),
        (before, after) => auditOfDeletedReward(actorOf(request), rewardId, before, after)
      )
      await coupons.remove({ eventId, rewardId })
      return await reply.code(204).send(null)
    }
  })
}
