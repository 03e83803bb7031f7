import type { AuditOn } from '@laurel/shared/audit'
import type { AuditEntry } from '@laurel/shared/contracts'

export type AuditTarget = AuditEntry['targetType']

/** One act of an operator. */
export type Audit = AuditOn<AuditTarget>

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
