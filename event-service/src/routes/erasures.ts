import { erasures as contract } from '@laurel/shared/contracts'
import type { Server } from '@laurel/shared/http'
import type { ErasureStore } from '../stores/erasures.ts'

export interface ErasureRoutesOptions {
  readonly erasures: ErasureStore
}

/** The request of auth-service after an account was erased. */
export async function erasureRoutes (app: Server, { erasures }: ErasureRoutesOptions): Promise<void> {
  app.route({
    ...contract.ingestErasure,
    async handler (request, reply) {
      await erasures.erase(request.body.userId)
      return await reply.code(204).send(null)
    }
  })
}
