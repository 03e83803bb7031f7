import type { AuditEntry, Role } from './contracts/index.ts'
import { newId } from './id.ts'

/** Who acts, and by which request. */
export interface Actor {
  readonly id: string
  readonly role: Role
  readonly requestId: string
}

/** One act on this kind of things; `before` and `after` hold what it changed, as JSON. */
export type AuditOn<TargetType extends string> = Omit<AuditEntry, 'at' | 'targetType'> & { readonly at: Date, readonly targetType: TargetType }

type Act<TargetType extends string> = Omit<AuditOn<TargetType>, 'id' | 'actorId' | 'role' | 'requestId'>

export function auditOf<TargetType extends string> ({ id, role, requestId }: Actor, act: Act<TargetType>): AuditOn<TargetType> {
  return { id: newId(), actorId: id, role, requestId, ...act }
}

/** An act as an ADMIN reads it. */
export function showAudit<TargetType extends string> ({ at, ...entry }: AuditOn<TargetType>) {
  return { ...entry, at: at.toISOString() }
}
