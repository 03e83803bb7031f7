import { events as contract } from '@laurel/shared/contracts'
import type { Server } from '@laurel/shared/http'
import { remainingOf } from '../domain/event-stats.ts'
import { requireEvent } from '../domain/event.ts'
import { stockPeriodAt } from '../domain/stock-per.ts'
import type { Simulate } from '../engine/simulation.ts'
import type { ClaimStore } from '../stores/claims.ts'
import type { EventStore } from '../stores/events.ts'

export interface SimulationRoutesOptions {
  readonly events: EventStore
  readonly claims: Pick<ClaimStore, 'countUnits'>
  readonly simulate: Simulate
}

export async function simulationRoutes (
  app: Server, { events, claims, simulate }: SimulationRoutesOptions
): Promise<void> {
  app.route({
    ...contract.simulateEvent,
    async handler (request) {
      const event = requireEvent(await events.find(request.params.eventId))
      const { asOf, eligible, ...numbers } = await simulate(event)
      // Does not use the cache, which may be older than `asOf`.
      const count = await claims.countUnits(event, stockPeriodAt(event, asOf))
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
