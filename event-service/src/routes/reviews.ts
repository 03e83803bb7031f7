import { claims as contract } from '@laurel/shared/contracts'
import type { Server } from '@laurel/shared/http'
import { actorOf } from '@laurel/shared/tokens'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { claimNotFound, type Claim } from '../domain/claim.ts'
import type { AskAccount } from '../accounts.ts'
import { alreadyDecided, userNotActive, type Review } from '../domain/review.ts'
import type { ReviewClaim } from '../engine/review.ts'
import type { ClaimStore } from '../stores/claims.ts'
import { showClaim } from './answers.ts'
import { creationOf, noteReplay } from './idempotency.ts'

type Verdict = Pick<Review, 'to' | 'note'>

export interface ReviewRoutesOptions {
  readonly claims: ClaimStore
  readonly review: ReviewClaim
  readonly isActive: AskAccount
}

export async function reviewRoutes (app: Server, { claims, review: decideClaim, isActive }: ReviewRoutesOptions): Promise<void> {
  async function decide (request: FastifyRequest, reply: FastifyReply, claimId: string, verdict: Verdict): Promise<Claim> {
    const key = creationOf(request)?.key
    const review: Review = { ...verdict, reviewer: actorOf(request), at: new Date(), ...(key === undefined ? {} : { idempotencyKey: key }) }
    const found = await decideClaim(claimId, review)
    if (found === null) throw claimNotFound()
    const { claim, decided } = found
    const replayed = !decided && key !== undefined && claim.decisionKey === key
    if (!decided && !replayed) throw alreadyDecided(showClaim(claim, review.reviewer.role))
    noteReplay(reply, replayed)
    return claim
  }

  app.route({
    ...contract.approveClaim,
    async handler (request, reply) {
      const { note } = request.body
      const waiting = await claims.find(request.params.claimId)
      // Whoever has no account any more is given nothing; such a claim can only be rejected.
      if (waiting?.status === 'PENDING' && waiting.userId !== actorOf(request).id && !await isActive(waiting.userId)) throw userNotActive()
      const claim = await decide(request, reply, request.params.claimId, { to: 'GRANTED', ...(note === undefined ? {} : { note }) })
      return showClaim(claim, actorOf(request).role)
    }
  })

  app.route({
    ...contract.rejectClaim,
    async handler (request, reply) {
      const claim = await decide(request, reply, request.params.claimId, { to: 'REJECTED', note: request.body.reason })
      return showClaim(claim, actorOf(request).role)
    }
  })
}
