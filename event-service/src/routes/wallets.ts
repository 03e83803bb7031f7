import { wallets as contract } from '@laurel/shared/contracts'
import type { Server } from '@laurel/shared/http'
import { callerOf } from '@laurel/shared/tokens'
import { walletOf } from '../domain/wallet.ts'
import type { ClaimStore } from '../stores/claims.ts'
import { showCoupon, showLedgerEntry } from './answers.ts'

export async function walletRoutes (app: Server, { claims }: { readonly claims: ClaimStore }): Promise<void> {
  app.route({
    ...contract.getMyWallet,
    async handler (request) {
      const { id } = callerOf(request)
      return walletOf(id, await claims.grantsOf(id))
    }
  })

  app.route({
    ...contract.listMyLedger,
    async handler (request) {
      const { data, nextCursor } = await claims.listGrants(callerOf(request).id, request.query)
      return { data: data.map(showLedgerEntry), nextCursor }
    }
  })

  app.route({
    ...contract.listMyCoupons,
    async handler (request) {
      const { data, nextCursor } = await claims.listGrants(callerOf(request).id, request.query, 'COUPON')
      return { data: data.map(showCoupon), nextCursor }
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
