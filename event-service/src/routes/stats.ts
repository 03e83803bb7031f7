import { events as contract } from '@laurel/shared/contracts'
import type { Server } from '@laurel/shared/http'
import { countOf, type CountCache } from '../cached-counts.ts'
import { statsOf, type CountedClaims } from '../domain/event-stats.ts'
import { requireEvent } from '../domain/event.ts'
import type { EventStore } from '../stores/events.ts'

export interface StatsRoutesOptions {
  readonly events: EventStore
  readonly unitCounts: CountCache
  readonly claimCounts: CountCache<CountedClaims>
}

export async function statsRoutes (
  app: Server, { events, unitCounts, claimCounts }: StatsRoutesOptions
): Promise<void> {
  app.route({
    ...contract.getEventStats,
    async handler (request) {
      const event = requireEvent(await events.find(request.params.eventId))
      const { asOf, ...counted } = await claimCounts.get(event)
      const ofPeriod = event.stockPer === 'PERIOD' ? await countOf(unitCounts, event, new Date()) : undefined
      return { ...statsOf(event, counted, ofPeriod), asOf: asOf.toISOString() }
    }
  })
}
