import { claims as contract } from '@laurel/shared/contracts'
import type { Server } from '@laurel/shared/http'
import { parseInstant } from '@laurel/shared/instant'
import { callerOf } from '@laurel/shared/tokens'
import { claimNotFound, refused, settledCode, type SettledClaim } from '../domain/claim.ts'
import type { ClaimAsking, ClaimOutcome } from '../engine/groups.ts'
import type { ClaimStore } from '../stores/claims.ts'
import { showClaim } from './answers.ts'
import { noteReplay } from './idempotency.ts'

export interface ClaimRoutesOptions {
  readonly claims: ClaimStore
  readonly ask: (asking: ClaimAsking) => Promise<ClaimOutcome>
  /** Told what every claim was answered with. */
  readonly noteOutcome: (outcome: string) => void
}

export async function claimRoutes (app: Server, { claims, ask, noteOutcome }: ClaimRoutesOptions): Promise<void> {
  app.route({
    ...contract.claim,
    async handler (request, reply) {
      const { id: userId, role } = callerOf(request)
      const idempotencyKey = request.headers['idempotency-key']
      const { decision: { refusal, progress }, claim, won } = await ask({
        eventId: request.params.eventId, userId, role, requestId: request.id, ...(idempotencyKey === undefined ? {} : { idempotencyKey })
      })
      noteOutcome(won ? refusal ?? claim.status : settledCode(claim as SettledClaim))
      if (won && refusal !== undefined) throw refused(refusal, { progress })

      const replayed = !won && idempotencyKey !== undefined && claim.grantKey === idempotencyKey
      if (won || replayed) return await noteReplay(reply, replayed).code(201).send(showClaim(claim, role))
      throw refused(settledCode(claim as SettledClaim), { progress, claim: showClaim(claim, role) })
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
