import type { AuditEntry, CallerRole } from './contracts/index.ts'
import { newId } from './id.ts'

/** The user or the machine client that makes a change, and its request. */
export interface Actor {
  readonly id: string
  readonly role: CallerRole
  readonly requestId: string
}

/** The audit entry of a change to a target of this type. `before` and `after` are the changed properties as JSON. */
export type AuditRecord<TargetType extends string> = Omit<AuditEntry, 'at' | 'targetType'> & {
  readonly at: Date
  readonly targetType: TargetType
}

type Change<TargetType extends string> = Omit<AuditRecord<TargetType>, 'id' | 'actorId' | 'role' | 'requestId'>

export function createAuditRecord<TargetType extends string> (
  { id, role, requestId }: Actor, change: Change<TargetType>
): AuditRecord<TargetType> {
  return { id: newId(), actorId: id, role, requestId, ...change }
}

/** Returns an audit entry as JSON. */
export function serializeAudit<TargetType extends string> ({ at, ...entry }: AuditRecord<TargetType>) {
  return { ...entry, at: at.toISOString() }
}
