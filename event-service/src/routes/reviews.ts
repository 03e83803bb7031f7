import { claims as contract, type Claim as PublicClaim } from '@laurel/shared/contracts'
import type { Server } from '@laurel/shared/http'
import { actorOf } from '@laurel/shared/tokens'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { alreadyDecided, type Review } from '../domain/review.ts'
import type { ReviewClaim } from '../flows/review-claim.ts'
import { creationOf, markReplay } from './idempotency.ts'
import { serializeClaim } from './serializers.ts'

export interface ReviewRoutesOptions {
  readonly review: ReviewClaim
}

type ReviewDecision = Pick<Review, 'to' | 'note'>

export async function reviewRoutes (app: Server, { review }: ReviewRoutesOptions): Promise<void> {
  async function answerReview (
    request: FastifyRequest, reply: FastifyReply, claimId: string, decision: ReviewDecision
  ): Promise<PublicClaim> {
    const reviewer = actorOf(request)
    const idempotencyKey = creationOf(request)?.key
    const { claim, kind } = await review(claimId, {
      ...decision,
      reviewer,
      at: new Date(),
      ...(idempotencyKey === undefined ? {} : { idempotencyKey })
    })
    const serialized = serializeClaim(claim, reviewer.role)
    if (kind === 'final') throw alreadyDecided(serialized)
    markReplay(reply, kind === 'replayed')
    return serialized
  }

  app.route({
    ...contract.approveClaim,
    async handler (request, reply) {
      const { note } = request.body
      const decision = { to: 'GRANTED', ...(note === undefined ? {} : { note }) } as const
      return await answerReview(request, reply, request.params.claimId, decision)
    }
  })

  app.route({
    ...contract.rejectClaim,
    async handler (request, reply) {
      const decision = { to: 'REJECTED', note: request.body.reason } as const
      return await answerReview(request, reply, request.params.claimId, decision)
    }
  })
}
