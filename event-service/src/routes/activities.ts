import { activities as contract, type IngestionResult, type NewActivity } from '@laurel/shared/contracts'
import type { Server } from '@laurel/shared/http'
import { parseInstant } from '@laurel/shared/instant'
import { callerOf } from '@laurel/shared/tokens'
import { screenActivities, type Sender, type ReportedActivity } from '../domain/activity.ts'
import type { Ingested } from '../engine/ingestion.ts'
import type { ActivityStore } from '../stores/activities.ts'
import { serializeActivity } from './serializers.ts'

export interface ActivityRoutesOptions {
  readonly activities: ActivityStore
  readonly write: (sent: readonly ReportedActivity[]) => Promise<Ingested>
}

export async function activityRoutes (app: Server, { activities, write }: ActivityRoutesOptions): Promise<void> {
  async function ingest (reported: readonly NewActivity[], sender: Sender): Promise<IngestionResult> {
    const { accepted, rejected } = screenActivities(reported, sender, new Date())
    return { ...await write(accepted), rejected }
  }

  app.route({
    ...contract.ingestActivities,
    handler: async request => await ingest(request.body.activities, callerOf(request))
  })

  app.route({
    ...contract.listActivities,
    async handler (request) {
      const { type, from = '', to = '', ...page } = request.query
      const filter = { userId: request.params.userId, type, from: parseInstant(from), to: parseInstant(to) }
      const { data, nextCursor } = await activities.list(filter, page)
      return { data: data.map(serializeActivity), nextCursor }
    }
  })

  app.route({
    ...contract.ingestInternalActivities,
    handler: async request => await ingest(request.body.activities, { id: 'platform', role: 'PLATFORM' })
  })
}
