import { claims as contract } from '@laurel/shared/contracts'
import type { Server } from '@laurel/shared/http'
import { parseInstant } from '@laurel/shared/instant'
import { callerOf } from '@laurel/shared/tokens'
import { claimRefused, requireVisible, finalCode, type FinalClaim } from '../domain/claim.ts'
import type { ClaimAsking, ClaimOutcome } from '../engine/groups.ts'
import type { ClaimStore } from '../stores/claims.ts'
import { markReplay } from './idempotency.ts'
import { serializeClaim } from './serializers.ts'

export interface ClaimRoutesOptions {
  readonly claims: ClaimStore
  readonly ask: (asking: ClaimAsking) => Promise<ClaimOutcome>
  /** Is called with the outcome of every claim request. */
  readonly noteOutcome: (outcome: string) => void
}

export async function claimRoutes (app: Server, { claims, ask, noteOutcome }: ClaimRoutesOptions): Promise<void> {
  app.route({
    ...contract.claim,
    async handler (request, reply) {
      const { id: userId, role } = callerOf(request)
      const idempotencyKey = request.headers['idempotency-key']
      const { decision: { refusal, progress }, claim, won } = await ask({
        eventId: request.params.eventId,
        userId,
        role,
        requestId: request.id,
        ...(idempotencyKey === undefined ? {} : { idempotencyKey })
      })
      noteOutcome(won ? refusal ?? claim.status : finalCode(claim as FinalClaim))
      if (won && refusal !== undefined) throw claimRefused(refusal, { progress })

      const replayed = !won && idempotencyKey !== undefined && claim.grantKey === idempotencyKey
      if (won || replayed) return await markReplay(reply, replayed).code(201).send(serializeClaim(claim, role))
      throw claimRefused(finalCode(claim as FinalClaim), { progress, claim: serializeClaim(claim, role) })
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
      const { eventId, userId, status, from = '', to = '', ...page } = request.query
      const filter = { eventId, userId, status, from: parseInstant(from), to: parseInstant(to) }
      const { data, nextCursor } = await claims.list(filter, page)
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
