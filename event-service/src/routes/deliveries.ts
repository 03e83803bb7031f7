import { deliveries as contract } from '@laurel/shared/contracts'
import type { Server } from '@laurel/shared/http'
import { callerOf } from '@laurel/shared/tokens'
import { claimNotFound, notGranted } from '../domain/claim.ts'
import type { ClaimStore } from '../stores/claims.ts'
import { serializeClaim } from './serializers.ts'

export interface DeliveryRoutesOptions {
  readonly claims: ClaimStore
}

export async function deliveryRoutes (app: Server, { claims }: DeliveryRoutesOptions): Promise<void> {
  app.route({
    ...contract.acknowledgeDelivery,
    async handler (request) {
      const delivered = await claims.deliver(request.params.claimId, { ...request.body, at: new Date() })
      if (delivered === null) throw claimNotFound()
      const claim = serializeClaim(delivered.claim, callerOf(request).role)
      if (!delivered.changed) throw notGranted(claim)
      return claim
    }
  })
}
