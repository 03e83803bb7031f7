import { wallets as contract } from '@laurel/shared/contracts'
import type { Server } from '@laurel/shared/http'
import { callerOf } from '@laurel/shared/tokens'
import { walletOf } from '../domain/wallet.ts'
import type { ClaimStore } from '../stores/claims.ts'
import { serializeCoupon, serializeLedgerEntry } from './serializers.ts'

export interface WalletRoutesOptions {
  readonly claims: ClaimStore
}

export async function walletRoutes (app: Server, { claims }: WalletRoutesOptions): Promise<void> {
  app.route({
    ...contract.getMyWallet,
    async handler (request) {
      const { id: userId } = callerOf(request)
      return walletOf(userId, await claims.grantsOf(userId))
    }
  })

  app.route({
    ...contract.listMyLedger,
    async handler (request) {
      const { data, nextCursor } = await claims.listBookings(callerOf(request).id, request.query)
      return { data: data.map(serializeLedgerEntry), nextCursor }
    }
  })

  app.route({
    ...contract.listMyCoupons,
    async handler (request) {
      const { data, nextCursor } = await claims.listGrants(callerOf(request).id, request.query, 'COUPON')
      return { data: data.map(serializeCoupon), nextCursor }
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
