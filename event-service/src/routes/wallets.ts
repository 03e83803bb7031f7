import { wallets as contract } from '@laurel/shared/contracts'
import type { Server } from '@laurel/shared/http'
import { callerOf } from '@laurel/shared/tokens'
import { walletOf } from '../domain/wallet.ts'
import type { ClaimStore } from '../stores/claims.ts'

export async function walletRoutes (app: Server, { claims }: { readonly claims: ClaimStore }): Promise<void> {
  app.route({
    ...contract.getMyWallet,
    async handler (request) {
      const { id } = callerOf(request)
      return walletOf(id, await claims.grantsOf(id))
    }
  })

  app.route({
    ...contract.getWallet,
    async handler (request) {
      const { userId } = request.params
      return walletOf(userId, await claims.grantsOf(userId))
    }
  })
}
