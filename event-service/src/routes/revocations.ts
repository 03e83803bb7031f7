import { revocations as contract, type Claim as PublicClaim } from '@laurel/shared/contracts'
import type { Server } from '@laurel/shared/http'
import { actorOf } from '@laurel/shared/tokens'
import type { FastifyRequest } from 'fastify'
import { Failed, mapIsolated, zip } from '../batch.ts'
import { notGranted } from '../domain/claim.ts'
import type { RevokeClaim } from '../flows/revoke-claim.ts'
import { itemFailure, requireSomeDecided } from './item-results.ts'
import { serializeClaim } from './serializers.ts'

export interface RevocationRoutesOptions {
  readonly revoke: RevokeClaim
}

/** How many revocations of one request run concurrently. */
const parallelRevocations = 4

export async function revocationRoutes (app: Server, { revoke }: RevocationRoutesOptions): Promise<void> {
  async function revokeOne (request: FastifyRequest, claimId: string, reason: string): Promise<PublicClaim> {
    const actor = actorOf(request)
    const { claim, changed } = await revoke(claimId, { actor, at: new Date(), reason })
    const serialized = serializeClaim(claim, actor.role)
    if (!changed) throw notGranted(serialized)
    return serialized
  }

  app.route({
    ...contract.revokeClaim,
    handler: async request => await revokeOne(request, request.params.claimId, request.body.reason)
  })

  app.route({
    ...contract.revokeClaims,
    async handler (request) {
      const { claimIds, reason } = request.body
      const outcomes = await mapIsolated(claimIds, claimId => claimId, parallelRevocations, async claimId =>
        await revokeOne(request, claimId, reason))
      requireSomeDecided(outcomes)
      return {
        results: zip(claimIds, outcomes).map(([claimId, outcome]) => outcome instanceof Failed
          ? { claimId, ...itemFailure(outcome.error, request) }
          : { claimId, ok: true as const, claim: outcome })
      }
    }
  })
}
