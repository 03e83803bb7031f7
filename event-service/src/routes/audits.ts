import { serializeAudit } from '@laurel/shared/audit'
import { audits as contract } from '@laurel/shared/contracts'
import type { Server } from '@laurel/shared/http'
import type { AuditStore } from '@laurel/shared/mongo'
import type { AuditTarget } from '../domain/audit.ts'

export interface AuditRoutesOptions {
  readonly audits: AuditStore<AuditTarget>
}

export async function auditRoutes (app: Server, { audits }: AuditRoutesOptions): Promise<void> {
  app.route({
    ...contract.listEventAudit,
    async handler (request) {
      const { data, nextCursor } = await audits.list(request.query)
      return { data: data.map(serializeAudit), nextCursor }
    }
  })
}
