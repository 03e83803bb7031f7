import { audits as contract } from '@laurel/shared/contracts'
import type { Server } from '@laurel/shared/http'
import type { AuditStore } from '../stores/audits.ts'
import { showAudit } from './answers.ts'

export async function auditRoutes (app: Server, { audits }: { readonly audits: AuditStore }): Promise<void> {
  app.route({
    ...contract.listAccountAudit,
    async handler (request) {
      const { data, nextCursor } = await audits.list(request.query)
      return { data: data.map(showAudit), nextCursor }
    }
  })
}
