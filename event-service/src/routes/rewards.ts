import { auditOf } from '@laurel/shared/audit'
import { rewards as contract } from '@laurel/shared/contracts'
import type { Server } from '@laurel/shared/http'
import { actorOf, callerOf } from '@laurel/shared/tokens'
import type { Counts } from '../counts.ts'
import { changesBetween, toJson } from '../domain/audit.ts'
import { checkAddable, newReward, patchReward, rewardOf } from '../domain/reward.ts'
import type { EventStore } from '../stores/events.ts'
import { showReward } from './answers.ts'
import { findVisible } from './events.ts'
import { creationOf, noteReplay } from './idempotency.ts'

export interface RewardRoutesOptions {
  readonly events: EventStore
  readonly counts: Counts
}

export async function rewardRoutes (app: Server, { events, counts }: RewardRoutesOptions): Promise<void> {
  app.route({
    ...contract.addReward,
    async handler (request, reply) {
      const { eventId } = request.params
      const made = newReward(request.body)
      const audit = auditOf(actorOf(request), { at: new Date(), action: 'addReward', targetType: 'REWARD', targetId: made.rewardId, after: toJson({ eventId, ...made }) })
      const { reward, replayed } = await events.addReward(eventId, made, checkAddable, audit, creationOf(request))
      return await noteReplay(reply, replayed).code(201).send(showReward(reward, eventId, await counts.of(eventId)))
    }
  })

  app.route({
    ...contract.listRewards,
    async handler (request) {
      const { id, rewards } = await findVisible(events, request.params.eventId, callerOf(request).role)
      const count = await counts.of(id)
      return { data: rewards.map(reward => showReward(reward, id, count)) }
    }
  })

  app.route({
    ...contract.getReward,
    async handler (request) {
      const event = await findVisible(events, request.params.eventId, callerOf(request).role)
      return showReward(rewardOf(event, request.params.rewardId), event.id, await counts.of(event.id))
    }
  })

  app.route({
    ...contract.updateReward,
    async handler (request) {
      const { eventId, rewardId } = request.params
      const now = new Date()
      const event = await events.update(eventId, event => patchReward(event, rewardId, request.body, now), (before, after) => auditOf(actorOf(request), {
        at: now, action: 'updateReward', targetType: 'REWARD', targetId: rewardId, ...changesBetween(toJson(rewardOf(before, rewardId)), toJson(rewardOf(after, rewardId)))
      }))
      return showReward(rewardOf(event, rewardId), eventId, await counts.of(eventId))
    }
  })
}
