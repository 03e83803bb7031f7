import { claims as contract, type CallerRole } from '@laurel/shared/contracts'
import type { Server } from '@laurel/shared/http'
import { parseInstant } from '@laurel/shared/instant'
import { callerOf } from '@laurel/shared/tokens'
import { claimNotFound, decide, isSettled, refused, settledCode, type Decision } from '../domain/claim.ts'
import { eventNotFound, type RewardEvent } from '../domain/event.ts'
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

export async function claimRoutes (app: Server, { events, activities, claims }: ClaimRoutesOptions): Promise<void> {
  /** An event that was never ACTIVE does not exist for a USER; one that is inactive again does. */
  async function findClaimable (eventId: string, role: CallerRole): Promise<RewardEvent> {
    const event = await events.find(eventId)
    if (event === null || (role === 'USER' && event.activatedAt === null)) throw eventNotFound()
    return event
  }

  async function decideFor (event: RewardEvent, userId: string, now: Date): Promise<Decision> {
    const { condition, startsAt, endsAt } = event
    return decide(event, condition === null ? [] : await activities.ofUser(userId, condition.activity, startsAt, endsAt), now)
  }

  app.route({
    ...contract.claim,
    async handler (request, reply) {
      const { id: userId, role } = callerOf(request)
      const at = new Date()
      const event = await findClaimable(request.params.eventId, role)
      const decision = await decideFor(event, userId, at)
      const idempotencyKey = request.headers['idempotency-key']
      const { claim, won } = await claims.record({
        ...decision, eventId: event.id, userId, role, at, requestId: request.id, ...(idempotencyKey === undefined ? {} : { idempotencyKey })
      })
      if (won && decision.refusal !== undefined) throw refused(decision.refusal, { progress: decision.progress })

      const replayed = !won && idempotencyKey !== undefined && claim.grantKey === idempotencyKey
      if (won || replayed) return await noteReplay(reply, replayed).code(201).send(showClaim(claim, role))
      throw refused(settledCode(claim), { claim: showClaim(claim, role) })
    }
  })

  app.route({
    ...contract.getMyProgress,
    async handler (request) {
      const { id: userId, role } = callerOf(request)
      const event = await findClaimable(request.params.eventId, role)
      const { refusal, period, progress } = await decideFor(event, userId, new Date())
      const claim = await claims.findOf(event.id, userId, period)
      const code = claim !== null && isSettled(claim) ? settledCode(claim) : refusal
      return {
        eligible: code === undefined,
        ...(code === undefined ? {} : { code }),
        period,
        progress,
        ...(claim === null ? {} : { claim: showClaim(claim, role) })
      }
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
