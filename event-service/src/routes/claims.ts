import { claims as contract, type EventClaimResult } from '@laurel/shared/contracts'
import type { Server } from '@laurel/shared/http'
import { callerOf } from '@laurel/shared/tokens'
import type { FastifyRequest } from 'fastify'
import { Failed, isolateAsync } from '../batch.ts'
import { requireVisible } from '../domain/claim.ts'
import { claimRefused, refusalSentences } from '../domain/refusals.ts'
import type { ClaimRequest } from '../engine/claim-group.ts'
import { outcomeLabel, type ClaimOutcome } from '../engine/claim-outcome.ts'
import type { ClaimStore } from '../stores/claims.ts'
import { claimFilterOf } from './claim-filter.ts'
import { markReplay } from './idempotency.ts'
import { itemFailure, requireSomeDecided } from './item-results.ts'
import { serializeClaim } from './serializers.ts'

export interface ClaimRoutesOptions {
  readonly claims: ClaimStore
  readonly submit: (request: ClaimRequest) => Promise<ClaimOutcome>
  /** Called for each claim request with the label of its outcome. */
  readonly onOutcome: (label: string) => void
}

export async function claimRoutes (app: Server, { claims, submit, onOutcome }: ClaimRoutesOptions): Promise<void> {
  app.route({
    ...contract.claim,
    async handler (request, reply) {
      const { id: userId, role } = callerOf(request)
      // Not scoped like `idempotencyKeyOf`, because it is compared only with claims of this event and user.
      const idempotencyKey = request.headers['idempotency-key']
      const outcome = await submit({
        eventId: request.params.eventId,
        userId,
        role,
        requestId: request.id,
        ...(idempotencyKey === undefined ? {} : { idempotencyKey })
      })
      onOutcome(outcomeLabel(outcome))
      switch (outcome.type) {
        case 'refused':
          throw claimRefused(outcome.code, { progress: outcome.progress })
        case 'final':
          throw claimRefused(outcome.code, { progress: outcome.progress, claim: serializeClaim(outcome.claim, role) })
        case 'granted':
        case 'pending':
        case 'replayed':
          markReplay(reply, outcome.type === 'replayed')
          return await reply.code(201).send(serializeClaim(outcome.claim, role))
      }
    }
  })

  app.route({
    ...contract.claimMany,
    async handler (request) {
      const { eventIds } = request.body
      const { id: userId, role } = callerOf(request)
      // All of them are submitted in one iteration of the event loop, so that they form one batch.
      const claimed = await Promise.all([...new Set(eventIds)].map(async eventId => {
        const outcome = await isolateAsync(async () => await submit({ eventId, userId, role, requestId: request.id }))
        if (!(outcome instanceof Failed)) onOutcome(outcomeLabel(outcome))
        return [eventId, outcome] as const
      }))
      requireSomeDecided(claimed.map(([, outcome]) => outcome))
      const results = new Map(claimed.map(([eventId, outcome]) => [eventId, toResult(eventId, outcome, request)]))
      return { results: eventIds.map(eventId => results.get(eventId) as EventClaimResult) }
    }
  })

  app.route({
    ...contract.listMyClaims,
    async handler (request) {
      const { eventId, status, ...page } = request.query
      const { id: userId, role } = callerOf(request)
      const { data, nextCursor } = await claims.list({ userId, eventId, status }, page)
      return { data: data.map(claim => serializeClaim(claim, role)), nextCursor }
    }
  })

  app.route({
    ...contract.listClaims,
    async handler (request) {
      const { data, nextCursor } = await claims.list(claimFilterOf(request.query), request.query)
      return { data: data.map(claim => serializeClaim(claim, callerOf(request).role)), nextCursor }
    }
  })

  app.route({
    ...contract.getClaim,
    async handler (request) {
      const caller = callerOf(request)
      const claim = requireVisible(await claims.find(request.params.claimId), caller)
      return serializeClaim(claim, caller.role)
    }
  })
}

/** Returns the result of one of several events. */
function toResult (eventId: string, outcome: ClaimOutcome | Failed, request: FastifyRequest): EventClaimResult {
  if (outcome instanceof Failed) return { eventId, ...itemFailure(outcome.error, request) }
  switch (outcome.type) {
    case 'refused':
    case 'final':
      return {
        eventId, ok: false, code: outcome.code, detail: refusalSentences[outcome.code], progress: outcome.progress
      }
    case 'granted':
    case 'pending':
    case 'replayed':
      return { eventId, ok: true, claim: serializeClaim(outcome.claim, callerOf(request).role) }
  }
}
