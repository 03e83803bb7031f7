import { claims as contract, events as eventContract } from '@laurel/shared/contracts'
import type { Server } from '@laurel/shared/http'
import { parseInstant } from '@laurel/shared/instant'
import { callerOf } from '@laurel/shared/tokens'
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
      return serializeProgress(await progress.of({ eventId: request.params.eventId, userId, role }), role)
    }
  })

  app.route({
    ...contract.listMyEvents,
    async handler (request) {
      const { id: userId, role } = callerOf(request)
      const now = new Date()
      const filter = { status: 'ACTIVE', phase: 'RUNNING', now } as const
      const { data: running, nextCursor } = await events.list(filter, request.query)
      const data = await Promise.all(running.map(async event => ({
        event: serializeEventSummary(event, now),
        ...serializeProgress(await progress.of({ eventId: event.id, userId, role }), role)
      })))
      return { data, nextCursor }
    }
  })

  app.route({
    ...eventContract.evaluateEvent,
    async handler (request) {
      const { userId, at = '' } = request.body
      const event = requireEvent(await events.find(request.params.eventId))
      return serializeEvaluation(await progress.evaluate(event, userId, parseInstant(at)))
    }
  })
}
