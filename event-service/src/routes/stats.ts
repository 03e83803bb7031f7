import { events as contract } from '@laurel/shared/contracts'
import type { Server } from '@laurel/shared/http'
import { createCounts } from '../counts.ts'
import { statsOf } from '../domain/event-stats.ts'
import { requireEvent } from '../domain/event.ts'
import type { ClaimStore } from '../stores/claims.ts'
import type { EventStore } from '../stores/events.ts'

export interface StatsRoutesOptions {
  readonly events: EventStore
  readonly claims: ClaimStore
}

export async function statsRoutes (app: Server, { events, claims }: StatsRoutesOptions): Promise<void> {
  const counts = createCounts(claims.statsOf)

  app.route({
    ...contract.getEventStats,
    async handler (request) {
      const event = requireEvent(await events.find(request.params.eventId))
      const { asOf, ...counted } = await counts.of(event.id)
      return { ...statsOf(event, counted), asOf: asOf.toISOString() }
    }
  })
}
