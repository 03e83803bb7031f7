import type { AccountAuditEntry, Role } from '@laurel/shared/contracts'
import { newId } from './new-user.ts'

/** Who acts, and by which request. */
export interface Actor {
  readonly id: string
  readonly role: Role
  readonly requestId: string
}

/** One act on an account or a machine client. */
export interface Audit extends Omit<AccountAuditEntry, 'at'> {
  readonly at: Date
}

type Act = Pick<Audit, 'at' | 'action' | 'targetType' | 'targetId' | 'before' | 'after'>

export function auditOf ({ id, role, requestId }: Actor, act: Act): Audit {
  return { id: newId(), actorId: id, role, requestId, ...act }
}
