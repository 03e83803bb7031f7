import type { AuditEntry, Role } from '@laurel/shared/contracts'
import { newId } from './id.ts'

/** Who acts, and by which request. */
export interface Actor {
  readonly id: string
  readonly role: Role
  readonly requestId: string
}

/** One act of an operator; `before` and `after` hold what it changed, as JSON. */
export interface Audit extends Omit<AuditEntry, 'at'> {
  readonly at: Date
}

type Act = Pick<Audit, 'at' | 'action' | 'targetType' | 'targetId' | 'before' | 'after' | 'note'>

export function auditOf ({ id, role, requestId }: Actor, act: Act): Audit {
  return { id: newId(), actorId: id, role, requestId, ...act }
}

type Fields = Readonly<Record<string, unknown>>

/** The fields that differ, as they were and as they are: what a reader of the audit wants to see. */
export function changesBetween (before: Fields, after: Fields): { readonly before: Fields, readonly after: Fields } {
  const changed = Object.keys(after).filter(name => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
  const pick = (fields: Fields): Fields => Object.fromEntries(changed.map(name => [name, fields[name]]))
  return { before: pick(before), after: pick(after) }
}

/** Fields as they would stand in an answer: instants as text, nothing undefined. */
export function toJson (fields: object): Fields {
  return JSON.parse(JSON.stringify(fields)) as Fields
}
