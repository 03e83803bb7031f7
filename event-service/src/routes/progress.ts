import { claims as contract, events as eventContract } from '@laurel/shared/contracts'
import type { Server } from '@laurel/shared/http'
import { parseInstant } from '@laurel/shared/instant'
import { callerOf } from '@laurel/shared/tokens'
import { codeOf } from '../domain/claim.ts'
import { eventNotFound } from '../domain/event.ts'
import type { Progress, Standing } from '../engine/progress.ts'
import type { EventStore } from '../stores/events.ts'
import { showClaim, showEventSummary } from './answers.ts'

export interface ProgressRoutesOptions {
  readonly events: EventStore
  readonly progress: Progress
}

/** What a claim would answer, without making one. */
function showStanding ({ decision, claim }: Standing) {
  const code = codeOf(decision, claim)
  return { eligible: code === undefined, ...(code === undefined ? {} : { code }), period: decision.period, progress: decision.progress }
}

export async function progressRoutes (app: Server, { events, progress }: ProgressRoutesOptions): Promise<void> {
  app.route({
    ...contract.getMyProgress,
    async handler (request) {
      const { id: userId, role } = callerOf(request)
      const standing = await progress.of({ eventId: request.params.eventId, userId, role })
      return { ...showStanding(standing), ...(standing.claim === null ? {} : { claim: showClaim(standing.claim, role) }) }
    }
  })

  app.route({
    ...contract.listMyEvents,
    async handler (request) {
      const { id: userId, role } = callerOf(request)
      const now = new Date()
      const { data: running, nextCursor } = await events.list({ status: 'ACTIVE', phase: 'RUNNING', now }, request.query)
      const standings = await Promise.all(running.map(async event => ({ event, standing: await progress.of({ eventId: event.id, userId, role }) })))
      return {
        data: standings.map(({ event, standing }) => ({
          event: showEventSummary(event, now),
          ...showStanding(standing),
          ...(standing.claim === null ? {} : { claim: showClaim(standing.claim, role) })
        })),
        nextCursor
      }
    }
  })

  app.route({
    ...eventContract.evaluateEvent,
    async handler (request) {
      const { userId, at = '' } = request.body
      const event = await events.find(request.params.eventId)
      if (event === null) throw eventNotFound()
      return showStanding(await progress.evaluate(event, userId, parseInstant(at)))
    }
  })
}
