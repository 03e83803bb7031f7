import { claims as contract, events as eventContract } from '@laurel/shared/contracts'
import type { Server } from '@laurel/shared/http'
import { parseInstant } from '@laurel/shared/instant'
import { UnreadableDocumentError } from '@laurel/shared/mongo'
import { callerOf } from '@laurel/shared/tokens'
import { Failed, isolateAsync } from '../batch.ts'
import { requireEvent } from '../domain/event.ts'
import type { ProgressReader } from '../engine/progress.ts'
import type { EventStore } from '../stores/events.ts'
import { serializeEventSummary, serializeEvaluation, serializeProgress } from './serializers.ts'

export interface ProgressRoutesOptions {
  readonly events: EventStore
  readonly progress: ProgressReader
}

export async function progressRoutes (app: Server, { events, progress }: ProgressRoutesOptions): Promise<void> {
  app.route({
    ...contract.getMyProgress,
    async handler (request) {
      const { id: userId, role } = callerOf(request)
      return serializeProgress(await progress.read({ eventId: request.params.eventId, userId, role }), role)
    }
  })

  app.route({
    ...contract.listMyEvents,
    async handler (request) {
      const { id: userId, role } = callerOf(request)
      const now = new Date()
      const { group, ...page } = request.query
      const filter = { status: 'ACTIVE', claimable: true, group, now } as const
      const { data: claimable, nextCursor } = await events.list(filter, page)
      const found = await Promise.all(claimable.map(async event => {
        const eligibility = await isolateAsync(async () => await progress.read({ eventId: event.id, userId, role }))
        if (!(eligibility instanceof Failed)) {
          return [{ event: serializeEventSummary(event, now), ...serializeProgress(eligibility, role) }]
        }
        // The list omits an event if the user's claim cannot be read.
        if (eligibility.error instanceof UnreadableDocumentError) return []
        throw eligibility.error
      }))
      return { data: found.flat(), nextCursor }
    }
  })

  app.route({
    ...eventContract.evaluateEvent,
    async handler (request) {
      const { userId, at } = request.body
      const event = requireEvent(await events.find(request.params.eventId))
      return serializeEvaluation(await progress.evaluate(event, userId, parseInstant(at)))
    }
  })
}
