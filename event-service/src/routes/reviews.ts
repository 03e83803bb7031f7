import { reviews as contract, type Claim as PublicClaim } from '@laurel/shared/contracts'
import type { Server } from '@laurel/shared/http'
import { actorOf } from '@laurel/shared/tokens'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Failed, mapIsolated, zip } from '../batch.ts'
import { alreadyDecided, type Review } from '../domain/review.ts'
import type { ReviewClaim } from '../flows/review-claim.ts'
import { idempotencyKeyOf, markReplay } from './idempotency.ts'
import { itemFailure, requireSomeDecided } from './item-results.ts'
import { serializeClaim } from './serializers.ts'

export interface ReviewRoutesOptions {
  readonly review: ReviewClaim
}

type ReviewDecision = Pick<Review, 'to' | 'note'>

interface Reviewed {
  readonly claim: PublicClaim
  readonly replayed: boolean
}

/** How many reviews of one request run concurrently. */
const parallelReviews = 4

export async function reviewRoutes (app: Server, { review }: ReviewRoutesOptions): Promise<void> {
  /** Throws 409 `ALREADY_DECIDED` in addition to the errors of the flow. */
  async function decide (
    request: FastifyRequest, claimId: string, decision: ReviewDecision, idempotencyKey: string | undefined
  ): Promise<Reviewed> {
    const reviewer = actorOf(request)
    const { claim, kind } = await review(claimId, {
      ...decision,
      reviewer,
      at: new Date(),
      ...(idempotencyKey === undefined ? {} : { idempotencyKey })
    })
    const serialized = serializeClaim(claim, reviewer.role)
    if (kind === 'final') throw alreadyDecided(serialized)
    return { claim: serialized, replayed: kind === 'replayed' }
  }

  async function reviewOne (
    request: FastifyRequest, reply: FastifyReply, claimId: string, decision: ReviewDecision
  ): Promise<PublicClaim> {
    const { claim, replayed } = await decide(request, claimId, decision, idempotencyKeyOf(request))
    markReplay(reply, replayed)
    return claim
  }

  app.route({
    ...contract.approveClaim,
    async handler (request, reply) {
      const { note } = request.body
      return await reviewOne(request, reply, request.params.claimId, approval(note))
    }
  })

  app.route({
    ...contract.rejectClaim,
    async handler (request, reply) {
      return await reviewOne(request, reply, request.params.claimId, rejection(request.body.reason))
    }
  })

  app.route({
    ...contract.reviewClaims,
    async handler (request, reply) {
      const { decisions } = request.body
      const key = idempotencyKeyOf(request)
      const outcomes = await mapIsolated(decisions, ({ claimId }) => claimId, parallelReviews, async item => {
        const decision = item.decision === 'APPROVE' ? approval(item.note) : rejection(item.reason)
        // The opposite decision on the same claim is not a replay.
        return await decide(request, item.claimId, decision, key === undefined ? key : `${key} ${item.decision}`)
      })
      requireSomeDecided(outcomes)
      const reviewed = outcomes.flatMap(outcome => outcome instanceof Failed ? [] : [outcome])
      markReplay(reply, reviewed.length > 0 && reviewed.every(({ replayed }) => replayed))
      return {
        results: zip(decisions, outcomes).map(([{ claimId }, outcome]) => outcome instanceof Failed
          ? { claimId, ...itemFailure(outcome.error, request) }
          : { claimId, ok: true as const, claim: outcome.claim })
      }
    }
  })
}

function approval (note: string | undefined): ReviewDecision {
  return { to: 'GRANTED', ...(note === undefined ? {} : { note }) }
}

function rejection (reason: string): ReviewDecision {
  return { to: 'REJECTED', note: reason }
}
