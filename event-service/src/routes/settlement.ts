import { Readable } from 'node:stream'
import { settlement as contract } from '@laurel/shared/contracts'
import type { Server } from '@laurel/shared/http'
import { parseInstant } from '@laurel/shared/instant'
import { callerOf } from '@laurel/shared/tokens'
import type { ExportClaims } from '../flows/export-claims.ts'
import type { Settle } from '../flows/settle.ts'
import { claimFilterOf } from './claim-filter.ts'
import { seesCouponCodes } from './serializers.ts'

export interface SettlementRoutesOptions {
  readonly exportClaims: ExportClaims
  readonly settle: Settle
}

export async function settlementRoutes (
  app: Server, { exportClaims, settle }: SettlementRoutesOptions
): Promise<void> {
  app.route({
    ...contract.getStats,
    async handler (request) {
      const { grantedFrom, grantedTo } = request.query
      return await settle({ grantedFrom: parseInstant(grantedFrom), grantedTo: parseInstant(grantedTo) })
    }
  })

  app.route({
    ...contract.exportClaims,
    async handler (request, reply) {
      const lines = exportClaims(claimFilterOf(request.query), seesCouponCodes(callerOf(request).role))
      void reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', 'attachment; filename="claims.csv"')
        .header('cache-control', 'no-store')
      // For a HEAD request, Fastify would read all lines and discard them. A stream has no `content-length`.
      const body = Readable.from(request.method === 'HEAD' ? [] : lines, { objectMode: false })
      return await reply.send(body as unknown as string)
    }
  })
}
