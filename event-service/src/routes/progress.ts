import { claims as contract, events as eventContract } from '@laurel/shared/contracts'
import type { Server } from '@laurel/shared/http'
import { parseInstant } from '@laurel/shared/instant'
import { callerOf } from '@laurel/shared/tokens'
import { codeOf, decide, evaluate, type Claim, type Decision } from '../domain/claim.ts'
import { eventNotFound } from '../domain/event.ts'
import { evidenceFor, evidenceForAll } from '../evidence.ts'
import { showClaim, showEventSummary } from './answers.ts'
import { findClaimable, type ClaimRoutesOptions } from './claims.ts'

/** What a claim would answer, without making one. */
function showDecision (decision: Decision, claim: Claim | null) {
  const code = codeOf(decision, claim)
  return { eligible: code === undefined, ...(code === undefined ? {} : { code }), period: decision.period, progress: decision.progress }
}

export async function progressRoutes (app: Server, { events, activities, claims }: ClaimRoutesOptions): Promise<void> {
  app.route({
    ...contract.getMyProgress,
    async handler (request) {
      const { id: userId, role } = callerOf(request)
      const now = new Date()
      const event = await findClaimable(events, request.params.eventId, role)
      const decision = decide(event, await evidenceFor(activities, event, userId, now), now)
      const claim = await claims.findOf(event.id, userId, decision.period)
      return { ...showDecision(decision, claim), ...(claim === null ? {} : { claim: showClaim(claim, role) }) }
    }
  })

  app.route({
    ...contract.listMyEvents,
    async handler (request) {
      const { id: userId, role } = callerOf(request)
      const now = new Date()
      const { data: running, nextCursor } = await events.list({ status: 'ACTIVE', phase: 'RUNNING', now }, request.query)
      const evidence = await evidenceForAll(activities, running, userId, now)
      const decisions = running.map(event => ({ event, decision: decide(event, evidence, now) }))
      const mine = await claims.findAllOf(userId, decisions.map(({ event, decision }) => ({ eventId: event.id, period: decision.period })))
      return {
        data: decisions.map(({ event, decision }) => {
          const claim = mine.find(({ eventId }) => eventId === event.id) ?? null
          return {
            event: showEventSummary(event, now), ...showDecision(decision, claim), ...(claim === null ? {} : { claim: showClaim(claim, role) })
          }
        }),
        nextCursor
      }
    }
  })

  app.route({
    ...eventContract.evaluateEvent,
    async handler (request) {
      const { userId } = request.body
      const now = new Date()
      const at = parseInstant(request.body.at ?? '')
      const event = await events.find(request.params.eventId)
      if (event === null) throw eventNotFound()
      const decision = evaluate(event, await evidenceFor(activities, event, userId, at ?? now), now, at)
      return showDecision(decision, await claims.findOf(event.id, userId, decision.period))
    }
  })
}
