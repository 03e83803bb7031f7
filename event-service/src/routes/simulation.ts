import { events as contract } from '@laurel/shared/contracts'
import type { Server } from '@laurel/shared/http'
import { countOf, type Counts } from '../counts.ts'
import { remainingOf } from '../domain/event-stats.ts'
import { requireEvent } from '../domain/event.ts'
import type { Simulate } from '../engine/simulation.ts'
import type { EventStore } from '../stores/events.ts'

export interface SimulationRoutesOptions {
  readonly events: EventStore
  readonly counts: Counts
  readonly simulate: Simulate
}

export async function simulationRoutes (
  app: Server, { events, counts, simulate }: SimulationRoutesOptions
): Promise<void> {
  app.route({
    ...contract.simulateEvent,
    async handler (request) {
      const event = requireEvent(await events.find(request.params.eventId))
      const { asOf, eligible, ...numbers } = await simulate(event)
      const count = await countOf(counts, event, asOf)
      return {
        asOf: asOf.toISOString(),
        ...numbers,
        eligible: eligible.length,
        wouldTake: event.rewards.map(reward => ({
          rewardId: reward.rewardId,
          units: eligible.length,
          amount: eligible.length * reward.amount,
          stock: reward.stock,
          remaining: remainingOf(reward, count)
        })),
        ...(request.query.users === 'true' ? { eligibleUsers: [...eligible] } : {})
      }
    }
  })
}
