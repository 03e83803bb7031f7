import { activities as contract, type Ingestion, type NewActivity } from '@laurel/shared/contracts'
import type { Server } from '@laurel/shared/http'
import { parseInstant } from '@laurel/shared/instant'
import { callerOf } from '@laurel/shared/tokens'
import { sortActivities, type Sender, type SentActivity } from '../domain/activity.ts'
import { createGroupCommit } from '../engine/group-commit.ts'
import type { ActivityStore } from '../stores/activities.ts'
import { showActivity } from './answers.ts'

/** Activities that one command writes at most. */
const maxBatch = 5000

export async function activityRoutes (app: Server, { activities }: { readonly activities: ActivityStore }): Promise<void> {
  const write = createGroupCommit<readonly SentActivity[], Omit<Ingestion, 'rejected'>>(async batch => {
    const written = await activities.insert(batch.map(({ input }) => input))
    batch.forEach(({ resolve }, index) => { resolve(written[index] as Omit<Ingestion, 'rejected'>) })
  }, { maxWeight: maxBatch, parallel: 2 })

  async function ingest (sent: readonly NewActivity[], sender: Sender): Promise<Ingestion> {
    const { accepted, rejected } = sortActivities(sent, sender, new Date())
    return { ...await write(accepted, accepted.length), rejected }
  }

  app.route({
    ...contract.ingestActivities,
    handler: async request => await ingest(request.body.activities, callerOf(request))
  })

  app.route({
    ...contract.listActivities,
    async handler (request) {
      const { type, from = '', to = '', ...page } = request.query
      const { data, nextCursor } = await activities.list({ userId: request.params.userId, type, from: parseInstant(from), to: parseInstant(to) }, page)
      return { data: data.map(showActivity), nextCursor }
    }
  })

  app.route({
    ...contract.ingestInternalActivities,
    handler: async request => await ingest(request.body.activities, { id: 'platform', role: 'PLATFORM' })
  })
}
