import { events as contract } from '@laurel/shared/contracts'
import type { Server } from '@laurel/shared/http'
import { countOf, type Counts } from '../counts.ts'
import { statsOf, type ClaimCounts } from '../domain/event-stats.ts'
import { requireEvent } from '../domain/event.ts'
import type { EventStore } from '../stores/events.ts'

export interface StatsRoutesOptions {
  readonly events: EventStore
  readonly counts: Counts
  readonly statistics: Counts<ClaimCounts>
}

export async function statsRoutes (app: Server, { events, counts, statistics }: StatsRoutesOptions): Promise<void> {
  app.route({
    ...contract.getEventStats,
    async handler (request) {
      const event = requireEvent(await events.find(request.params.eventId))
      const { asOf, ...counted } = await statistics.of(event)
      const ofPeriod = event.stockPer === 'PERIOD' ? await countOf(counts, event, new Date()) : undefined
      return { ...statsOf(event, counted, ofPeriod), asOf: asOf.toISOString() }
    }
  })
}
