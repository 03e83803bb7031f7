import { claims as contract, type CallerRole } from '@laurel/shared/contracts'
import type { Server } from '@laurel/shared/http'
import { parseInstant } from '@laurel/shared/instant'
import { callerOf } from '@laurel/shared/tokens'
import { claimNotFound, decide, refused, settledCode } from '../domain/claim.ts'
import { eventNotFound, type RewardEvent } from '../domain/event.ts'
import { evidenceFor } from '../evidence.ts'
import type { ActivityStore } from '../stores/activities.ts'
import type { ClaimStore } from '../stores/claims.ts'
import type { EventStore } from '../stores/events.ts'
import { showClaim } from './answers.ts'
import { noteReplay } from './idempotency.ts'

export interface ClaimRoutesOptions {
  readonly events: EventStore
  readonly activities: ActivityStore
  readonly claims: ClaimStore
}

/** An event that was never ACTIVE does not exist for a USER; one that is inactive again does. */
export async function findClaimable (events: EventStore, eventId: string, role: CallerRole): Promise<RewardEvent> {
  const event = await events.find(eventId)
  if (event === null || (role === 'USER' && event.activatedAt === null)) throw eventNotFound()
  return event
}

export async function claimRoutes (app: Server, { events, activities, claims }: ClaimRoutesOptions): Promise<void> {
  app.route({
    ...contract.claim,
    async handler (request, reply) {
      const { id: userId, role } = callerOf(request)
      const at = new Date()
      const event = await findClaimable(events, request.params.eventId, role)
      const decision = decide(event, await evidenceFor(activities, event, userId, at), at)
      const idempotencyKey = request.headers['idempotency-key']
      const { claim, won } = await claims.record({
        ...decision, eventId: event.id, userId, role, at, requestId: request.id, ...(idempotencyKey === undefined ? {} : { idempotencyKey })
      })
      const { refusal, progress } = decision
      if (won && refusal !== undefined) throw refused(refusal, { progress })

      const replayed = !won && idempotencyKey !== undefined && claim.grantKey === idempotencyKey
      if (won || replayed) return await noteReplay(reply, replayed).code(201).send(showClaim(claim, role))
      throw refused(settledCode(claim), { progress, claim: showClaim(claim, role) })
    }
  })

  app.route({
    ...contract.listMyClaims,
    async handler (request) {
      const { eventId, status, ...page } = request.query
      const { id: userId, role } = callerOf(request)
      const { data, nextCursor } = await claims.list({ userId, eventId, status }, page)
      return { data: data.map(claim => showClaim(claim, role)), nextCursor }
    }
  })

  app.route({
    ...contract.listClaims,
    async handler (request) {
      const { eventId, userId, status, from = '', to = '', ...page } = request.query
      const { data, nextCursor } = await claims.list({ eventId, userId, status, from: parseInstant(from), to: parseInstant(to) }, page)
      return { data: data.map(claim => showClaim(claim, callerOf(request).role)), nextCursor }
    }
  })

  app.route({
    ...contract.getClaim,
    async handler (request) {
      const { id: userId, role } = callerOf(request)
      const claim = await claims.find(request.params.claimId)
      if (claim === null || (role === 'USER' && claim.userId !== userId)) throw claimNotFound()
      return showClaim(claim, role)
    }
  })
}
